"""What happens in the epochs of a training: batches, their variation, the steps."""

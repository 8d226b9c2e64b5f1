"""What carried a prediction: points, passbands, days and metadata hidden in turn."""

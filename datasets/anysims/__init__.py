"""Simulated transients of surveys drawn at random."""

"""Everything about Kafka that is not a stage: topics, administration, lag, publishing, reading, brokers to start."""

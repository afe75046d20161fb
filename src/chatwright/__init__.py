"""chatwright: a folder of a business's own documents becomes a chatbot that can stand in front of customers."""

__version__ = "0.1.0"

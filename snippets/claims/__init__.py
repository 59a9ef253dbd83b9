"""What the pages say of models: one function a sentence, with its bound."""

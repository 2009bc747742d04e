"""Text embeddings: all-MiniLM-L6-v2 from a package, any SentenceTransformer model by name, a provider's, or any LangChain
embeddings.

An ``Embedder`` is LangChain's ``Embeddings`` and what an index and a chunker must know besides: which vectors may be
compared, and how much text is read at once. ``adapted`` makes one of any embeddings, ``embedder_for`` the one of a name.
"""

from models.embed.adapted import adapted, as_embedder
from models.embed.base import Embedder, TokenCounter, embed_ahead, serves
from models.embed.files import model_path
from models.embed.local import SentenceTransformerEmbedder
from models.embed.provider import embedder_for
from models.embed.remembered import Remembered
from models.embed.tokenizer import Tokenizer

__all__ = [
    "Embedder",
    "Remembered",
    "SentenceTransformerEmbedder",
    "TokenCounter",
    "Tokenizer",
    "adapted",
    "as_embedder",
    "embed_ahead",
    "embedder_for",
    "model_path",
    "serves",
]

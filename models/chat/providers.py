"""The providers of ``init_chat_model``: the package each needs, and the variable that holds its key."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True)
class Provider:
    """What a provider needs."""

    package: str  # on PyPI; its module is the same with underscores
    key: str = ""  # the environment variable with the key; "" needs none, or several
    finish: str = ""  # what its replies call the reason why they end; "" where they need not say one

    @property
    def module(self) -> str:
        """The package's name in Python."""
        return self.package.replace("-", "_")


PROVIDERS = {
    "openai": Provider("langchain-openai", "OPENAI_API_KEY", "finish_reason"),
    "anthropic": Provider("langchain-anthropic", "ANTHROPIC_API_KEY", "stop_reason"),
    "ollama": Provider("langchain-ollama", "", "done_reason"),
    "google_genai": Provider("langchain-google-genai", "GOOGLE_API_KEY", "finish_reason"),
    "mistralai": Provider("langchain-mistralai", "MISTRAL_API_KEY", "finish_reason"),
    "groq": Provider("langchain-groq", "GROQ_API_KEY", "finish_reason"),
    "deepseek": Provider("langchain-deepseek", "DEEPSEEK_API_KEY", "finish_reason"),
    "xai": Provider("langchain-xai", "XAI_API_KEY", "finish_reason"),
    "together": Provider("langchain-together", "TOGETHER_API_KEY", "finish_reason"),
    "fireworks": Provider("langchain-fireworks", "FIREWORKS_API_KEY", "finish_reason"),
    "openrouter": Provider("langchain-openrouter", "OPENROUTER_API_KEY"),
    "cohere": Provider("langchain-cohere", "COHERE_API_KEY"),
    "perplexity": Provider("langchain-perplexity", "PPLX_API_KEY"),
    "nvidia": Provider("langchain-nvidia-ai-endpoints", "NVIDIA_API_KEY"),
    "upstage": Provider("langchain-upstage", "UPSTAGE_API_KEY", "finish_reason"),
    "huggingface": Provider("langchain-huggingface"),
    "azure_openai": Provider("langchain-openai", "AZURE_OPENAI_API_KEY", "finish_reason"),
    "azure_ai": Provider("langchain-azure-ai"),
    "baseten": Provider("langchain-baseten", "BASETEN_API_KEY"),
    "bedrock": Provider("langchain-aws"),
    "bedrock_converse": Provider("langchain-aws", "", "stopReason"),
    "anthropic_bedrock": Provider("langchain-aws"),
    "bedrock_mantle_anthropic": Provider("langchain-aws"),
    "bedrock_mantle_openai": Provider("langchain-aws"),
    "google_vertexai": Provider("langchain-google-vertexai", "", "finish_reason"),
    "google_anthropic_vertex": Provider("langchain-google-vertexai"),
    "ibm": Provider("langchain-ibm", "WATSONX_APIKEY"),
    "langsmith": Provider("langchain-openai"),
    "litellm": Provider("langchain-litellm"),
    "meta": Provider("langchain-meta"),
}


def install_line(package: str) -> str:
    """Return the command that installs ``package`` without changing what is installed already."""
    return f"pip install {package} -c constraints.txt"

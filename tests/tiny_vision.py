"""Tiny models that see, built at random by transformers and saved as hub models are."""

from __future__ import annotations

from pathlib import Path
from typing import Any

WORDS = "a the what colour is it ? . square red green blue yellow".split()
_SPECIAL = ["[PAD]", "[UNK]", "[CLS]", "[SEP]", "[MASK]", "[DEC]"]


def save_blip(folder: Path, kind: str = "BlipForConditionalGeneration") -> Path:
    """Save a BLIP of 32 places a layer that knows ``WORDS`` in ``folder``; return it."""
    import torch
    import transformers

    vocabulary = {word: number for number, word in enumerate([*_SPECIAL, *WORDS])}
    tokenizer = transformers.BertTokenizer(vocab=vocabulary, bos_token="[DEC]")
    size = {
        "hidden_size": 32,
        "intermediate_size": 64,
        "num_hidden_layers": 1,
        "num_attention_heads": 2,
        "projection_dim": 16,
    }
    text: dict[str, Any] = {
        **size,
        "vocab_size": len(vocabulary),
        "encoder_hidden_size": 32,
        "max_position_embeddings": 128,
        "bos_token_id": vocabulary["[DEC]"],
        "eos_token_id": vocabulary["[SEP]"],
        "sep_token_id": vocabulary["[SEP]"],
        "pad_token_id": 0,
    }
    config = transformers.BlipConfig(text_config=text, vision_config={**size, "image_size": 16, "patch_size": 8})
    torch.manual_seed(0)
    model = getattr(transformers, kind)(config)
    with torch.no_grad():  # words, colours and attention differ as much as training leaves them
        model.text_decoder.bert.embeddings.word_embeddings.weight.mul_(30)
        model.vision_model.embeddings.patch_embedding.weight.mul_(20)
        for name, weight in model.named_parameters():
            if "attention" in name and weight.dim() > 1:
                weight.mul_(8)
    model.save_pretrained(folder)
    images = transformers.BlipImageProcessor(size={"height": 16, "width": 16})
    transformers.BlipProcessor(images, tokenizer).save_pretrained(folder)
    return folder


_TEMPLATE = (
    "{% for message in messages %}USER: {% for part in message['content'] %}"
    "{% if part['type'] == 'image' %}<image> {% else %}{{ part['text'] }} {% endif %}{% endfor %}{% endfor %}"
    "{% if add_generation_prompt %}ASSISTANT: {% endif %}"
)


def save_llava(folder: Path) -> Path:
    """Save a LLaVA of 32 places a layer, which chats and knows ``WORDS``, in ``folder``; return it."""
    import torch
    import transformers
    from tokenizers import Tokenizer, models, pre_tokenizers

    marks = ["<pad>", "<unk>", "<s>", "</s>", "<image>", "USER:", "ASSISTANT:"]
    vocabulary = {word: number for number, word in enumerate([*marks, *WORDS])}
    words = Tokenizer(models.WordLevel(vocabulary, unk_token="<unk>"))
    words.pre_tokenizer = pre_tokenizers.WhitespaceSplit()
    tokenizer = transformers.PreTrainedTokenizerFast(
        tokenizer_object=words,
        pad_token="<pad>",
        unk_token="<unk>",
        bos_token="<s>",
        eos_token="</s>",
        extra_special_tokens={"image_token": "<image>"},
    )
    size: dict[str, Any] = {
        "hidden_size": 32,
        "intermediate_size": 64,
        "num_hidden_layers": 2,
        "num_attention_heads": 2,
    }
    ends = {"pad_token_id": 0, "bos_token_id": 2, "eos_token_id": 3}
    config = transformers.LlavaConfig(
        vision_config=transformers.CLIPVisionConfig(**size, image_size=16, patch_size=8, projection_dim=16),
        text_config=transformers.LlamaConfig(**size, **ends, vocab_size=len(vocabulary), num_key_value_heads=2),
        image_token_index=vocabulary["<image>"],
        image_seq_length=4,
    )
    torch.manual_seed(0)
    model = transformers.LlavaForConditionalGeneration(config)
    model.generation_config.update(**ends)
    with torch.no_grad():  # as above
        for name, weight in model.named_parameters():
            if weight.dim() > 1:
                weight.mul_(20 if "patch_embedding" in name else 8)
    model.save_pretrained(folder)
    images = transformers.CLIPImageProcessor(size={"shortest_edge": 16}, crop_size={"height": 16, "width": 16})
    processor = transformers.LlavaProcessor(
        images,
        tokenizer,
        patch_size=8,
        vision_feature_select_strategy="default",
        chat_template=_TEMPLATE,
        image_token="<image>",
        num_additional_image_tokens=1,
    )
    processor.save_pretrained(folder)
    return folder

using System.Text.Json;
using Ssna.MLNet.Encoders;

namespace Ssna.MLNet.Tokenization;

internal sealed partial class TokenizerJson
{
    /// <summary>The ids that a generic tokenizer puts before and behind a text.</summary>
    public (int First, int Last) Template()
    {
        IEnumerable<JsonElement> processors =
            Part("post_processor") is not { } processor ? []
            : TypeOf(processor) == "Sequence"
                ? Elements(Value(processor, "processors") ?? default, "post_processor.processors")
            : [processor];
        (int, int)? template = null;
        foreach (JsonElement each in processors)
        {
            switch (TypeOf(each))
            {
                case "ByteLevel": // moves offsets only
                    break;
                case "BertProcessing" or "RobertaProcessing" when template is null:
                    template = (IdOfPair(each, "cls"), IdOfPair(each, "sep"));
                    break;
                case "TemplateProcessing" when template is null:
                    template = Single(each);
                    break;
                case var other:
                    throw Unexpected(
                        "post_processor",
                        "TemplateProcessing, BertProcessing or RobertaProcessing",
                        other
                    );
            }
        }
        return template ?? throw Unexpected("post_processor", "one that puts a token before and behind a text", null);
    }

    private (int, int) Single(JsonElement template)
    {
        JsonElement[] pieces = [.. Elements(Value(template, "single") ?? default, "post_processor.single")];
        if (pieces.Length == 3 && Value(pieces[1], "Sequence") is not null)
        {
            return (IdOfSpecial(template, pieces[0]), IdOfSpecial(template, pieces[2]));
        }
        throw Unexpected(
            "post_processor.single",
            "one special token, the text, and one special token",
            template.GetRawText()
        );
    }

    private int IdOfSpecial(JsonElement template, JsonElement piece)
    {
        if (
            Value(piece, "SpecialToken") is { } special
            && new JsonFields(special, $"{Source}: post_processor.single").Text("id") is { } name
            && Value(template, "special_tokens") is { } tokens
            && Value(tokens, name) is { } token
            && Value(token, "ids") is { ValueKind: JsonValueKind.Array } ids
            && ids.GetArrayLength() == 1
        )
        {
            return VocabularyFile.IdOf(ids[0], name, $"{Source}: post_processor");
        }
        throw Unexpected("post_processor.single", "special tokens of one id each", piece.GetRawText());
    }

    private int IdOfPair(JsonElement processor, string name) =>
        Value(processor, name) is { ValueKind: JsonValueKind.Array } pair && pair.GetArrayLength() == 2
            ? VocabularyFile.IdOf(pair[1], pair[0].ToString(), $"{Source}: post_processor.{name}")
            : throw Unexpected($"post_processor.{name}", "a token and its id", null);
}

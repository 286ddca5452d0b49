using System.Text.Json;
using System.Text.Json.Serialization;
using Ssna.MLNet.Checkpoints;

namespace Ssna.MLNet.Encoders;

/// <summary>What a <c>config.json</c> says about an encoder, as far as computing its hidden states needs it.</summary>
internal sealed record EncoderConfiguration
{
    public const string FileName = "config.json";

    public required EncoderFamily Family { get; init; }

    /// <summary>Rows of the word embeddings.</summary>
    public required int VocabularySize { get; init; }

    /// <summary>D: numbers in a hidden state.</summary>
    public required int Width { get; init; }

    public required int LayerCount { get; init; }

    /// <summary>What is wrong with the numbers, as a <c>config.json</c> names them; null where nothing is.</summary>
    [JsonIgnore]
    public string? Fault
    {
        get
        {
            if (!Enum.IsDefined(Family) || !Enum.IsDefined(Activation))
            {
                return $"family {Family} with activation {Activation}";
            }
            FieldNames names = FieldNames.Of(Family);
            int smallest = ((int[])[VocabularySize, Width, LayerCount, HeadCount, InnerWidth, MaximumPositions]).Min();
            return smallest < 1 ? $"a size of {smallest}"
                : Width % HeadCount != 0 ? $"'{names.Heads}' of {HeadCount}, no divisor of '{names.Width}', {Width}"
                : TokenTypes < (Family == EncoderFamily.DistilBert ? 0 : 1) ? $"'type_vocab_size' of {TokenTypes}"
                : PadId < 0 || PadId >= VocabularySize
                    ? $"'pad_token_id' of {PadId} with a 'vocab_size' of {VocabularySize}"
                : MaximumTokens < 2
                    ? $"'max_position_embeddings' of {MaximumPositions}: room for two tokens takes at least {FirstPosition + 2}"
                : !(NormEpsilon > 0 && double.IsFinite(NormEpsilon)) ? $"'layer_norm_eps' of {NormEpsilon}"
                : null;
        }
    }

    /// <summary>What the family's <c>config.json</c> calls <see cref="LayerCount"/>.</summary>
    [JsonIgnore]
    public string LayersField => FieldNames.Of(Family).Layers;

    /// <summary>Attention heads in a layer; divides <see cref="Width"/>.</summary>
    public required int HeadCount { get; init; }

    /// <summary>Width of the feed-forward block.</summary>
    public required int InnerWidth { get; init; }

    /// <summary>Rows of the position embeddings.</summary>
    public required int MaximumPositions { get; init; }

    /// <summary>Rows of the token type embeddings, of which the first is used; 0 for DistilBERT, which has none.</summary>
    public required int TokenTypes { get; init; }

    public EncoderActivation Activation { get; init; } = EncoderActivation.Gelu;

    /// <summary>Added to the variance in every layer norm.</summary>
    public double NormEpsilon { get; init; } = 1e-12;

    /// <summary>The id that fills up short rows. RoBERTa's positions are counted from it.</summary>
    public int PadId { get; init; }

    /// <summary>The row of the position embeddings that the first token takes: RoBERTa leaves out those up to its padding id.</summary>
    public int FirstPosition => Family == EncoderFamily.Roberta ? PadId + 1 : 0;

    /// <summary>The longest row of tokens, special ones included.</summary>
    public int MaximumTokens => MaximumPositions - FirstPosition;

    /// <summary>Reads the <c>config.json</c> of a model folder.</summary>
    /// <exception cref="FileNotFoundException">The folder has none, or does not exist.</exception>
    /// <exception cref="InvalidDataException">It is damaged, or describes an encoder of another kind.</exception>
    public static EncoderConfiguration Load(string folder)
    {
        ModelFolder.Require(folder);
        string path = Path.Combine(folder, FileName);
        return File.Exists(path)
            ? Parse(FolderFile.Read(path, FolderFile.SettingsLimit), path)
            : throw new FileNotFoundException($"Model folder '{folder}' holds no '{FileName}'.", path);
    }

    /// <summary>Reads the content of a <c>config.json</c>.</summary>
    /// <param name="json">UTF-8 JSON.</param>
    /// <param name="source">What messages call it.</param>
    /// <exception cref="InvalidDataException">It is damaged, or describes an encoder of another kind.</exception>
    public static EncoderConfiguration Parse(ReadOnlyMemory<byte> json, string source)
    {
        using JsonDocument document = JsonText.Parse(json, $"'{source}'");
        return Read(new JsonFields(document.RootElement, source));
    }

    /// <summary>The same as a <c>config.json</c> that other libraries read too.</summary>
    public byte[] ToJson()
    {
        using var buffer = new MemoryStream();
        using (var writer = new Utf8JsonWriter(buffer, new JsonWriterOptions { Indented = true }))
        {
            FieldNames names = FieldNames.Of(Family);
            writer.WriteStartObject();
            writer.WriteString("model_type", TypeName(Family));
            writer.WriteNumber("vocab_size", VocabularySize);
            writer.WriteNumber(names.Width, Width);
            writer.WriteNumber(names.Layers, LayerCount);
            writer.WriteNumber(names.Heads, HeadCount);
            writer.WriteNumber(names.Inner, InnerWidth);
            writer.WriteNumber("max_position_embeddings", MaximumPositions);
            writer.WriteString(
                names.Activation,
                Activation switch
                {
                    EncoderActivation.GeluTanh => "gelu_new",
                    EncoderActivation.Relu => "relu",
                    _ => "gelu",
                }
            );
            if (Family != EncoderFamily.DistilBert)
            {
                writer.WriteNumber("type_vocab_size", TokenTypes);
                writer.WriteNumber("layer_norm_eps", NormEpsilon);
            }
            writer.WriteNumber("pad_token_id", PadId);
            writer.WriteEndObject();
        }
        return buffer.ToArray();
    }

    private static EncoderConfiguration Read(JsonFields fields)
    {
        string type = fields.Text("model_type") ?? "";
        EncoderFamily family = type switch
        {
            "bert" => EncoderFamily.Bert,
            "roberta" => EncoderFamily.Roberta,
            "distilbert" => EncoderFamily.DistilBert,
            _ => throw fields.Unexpected("model_type", "'bert', 'roberta' or 'distilbert'"),
        };
        FieldNames names = FieldNames.Of(family);
        bool distilled = family == EncoderFamily.DistilBert;
        if (fields.Text("position_embedding_type") is not (null or "absolute"))
        {
            throw fields.Unexpected("position_embedding_type", "'absolute'");
        }
        if (fields.Flag("is_decoder") == true)
        {
            throw fields.Unexpected("is_decoder", "false");
        }
        // The tables of pruned layers have other sizes than the configuration says.
        fields.RequireNeutral("pruned_heads");
        var configuration = new EncoderConfiguration
        {
            Family = family,
            VocabularySize = fields.Count("vocab_size"),
            Width = fields.Count(names.Width),
            LayerCount = fields.Count(names.Layers),
            HeadCount = fields.Count(names.Heads),
            InnerWidth = fields.Count(names.Inner),
            MaximumPositions = fields.Count("max_position_embeddings"),
            TokenTypes = distilled ? 0 : fields.Count("type_vocab_size", absent: 2),
            NormEpsilon = distilled ? 1e-12 : fields.Positive("layer_norm_eps", absent: 1e-12),
            PadId = fields.Index("pad_token_id", absent: family == EncoderFamily.Roberta ? 1 : 0),
            Activation = (fields.Text(names.Activation) ?? "gelu") switch
            {
                "gelu" or "gelu_python" => EncoderActivation.Gelu,
                "gelu_new" or "gelu_pytorch_tanh" or "gelu_fast" => EncoderActivation.GeluTanh,
                "relu" => EncoderActivation.Relu,
                _ => throw fields.Unexpected(
                    names.Activation,
                    "'gelu', 'gelu_new', 'gelu_fast', 'gelu_pytorch_tanh' or 'relu'"
                ),
            },
        };
        return configuration.Fault is { } fault
            ? throw new InvalidDataException(
                $"'{fields.Source}': expected an encoder that can be computed, found {fault}."
            )
            : configuration;
    }

    private static string TypeName(EncoderFamily family) =>
        family switch
        {
            EncoderFamily.Roberta => "roberta",
            EncoderFamily.DistilBert => "distilbert",
            _ => "bert",
        };

    /// <summary>What the families call the same things.</summary>
    private sealed record FieldNames(string Width, string Layers, string Heads, string Inner, string Activation)
    {
        public static FieldNames Of(EncoderFamily family) =>
            family == EncoderFamily.DistilBert
                ? new("dim", "n_layers", "n_heads", "hidden_dim", "activation")
                : new("hidden_size", "num_hidden_layers", "num_attention_heads", "intermediate_size", "hidden_act");
    }
}

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
            if (!Enum.IsDefined(Activation))
            {
                return $"activation {Activation}";
            }
            ConfigurationFields names = Family.Fields;
            int smallest = ((int[])[VocabularySize, Width, LayerCount, HeadCount, InnerWidth, MaximumPositions]).Min();
            return smallest < 1 ? $"a size of {smallest}"
                : Width % HeadCount != 0 ? $"'{names.Heads}' of {HeadCount}, no divisor of '{names.Width}', {Width}"
                : (names.TokenTypes is null ? TokenTypes != 0 : TokenTypes < 1) ? $"{TokenTypes} token types"
                : PadId < 0 || PadId >= VocabularySize
                    ? $"'pad_token_id' of {PadId} with a 'vocab_size' of {VocabularySize}"
                : MaximumTokens < 2
                    ? $"'max_position_embeddings' of {MaximumPositions}: room for two tokens takes at least {FirstPosition + 2}"
                : !(NormEpsilon > 0 && double.IsFinite(NormEpsilon)) ? $"'layer_norm_eps' of {NormEpsilon}"
                : Family.Fault(this);
        }
    }

    /// <summary>What the family's <c>config.json</c> calls <see cref="LayerCount"/>.</summary>
    [JsonIgnore]
    public string LayersField => Family.Fields.Layers;

    /// <summary>Attention heads in a layer; divides <see cref="Width"/>.</summary>
    public required int HeadCount { get; init; }

    /// <summary>Width of the feed-forward block.</summary>
    public required int InnerWidth { get; init; }

    /// <summary>Rows of the position embeddings.</summary>
    public required int MaximumPositions { get; init; }

    /// <summary>Rows of the token type embeddings, of which the first is used; 0 where the family has none.</summary>
    public required int TokenTypes { get; init; }

    public EncoderActivation Activation { get; init; } = EncoderActivation.Gelu;

    /// <summary>Added to the variance in every layer norm.</summary>
    public double NormEpsilon { get; init; } = 1e-12;

    /// <summary>The id that fills up short rows.</summary>
    public int PadId { get; init; }

    /// <summary>The row of the position embeddings that the first token takes.</summary>
    public int FirstPosition => Family.FirstPosition(PadId);

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
            ConfigurationFields names = Family.Fields;
            writer.WriteStartObject();
            writer.WriteString("model_type", Family.ModelType);
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
            if (names.TokenTypes is { } types)
            {
                writer.WriteNumber(types, TokenTypes);
            }
            if (names.NormEpsilon is { } epsilon)
            {
                writer.WriteNumber(epsilon, NormEpsilon);
            }
            writer.WriteNumber("pad_token_id", PadId);
            foreach ((string field, int value) in Family.FixedFields)
            {
                writer.WriteNumber(field, value);
            }
            writer.WriteEndObject();
        }
        return buffer.ToArray();
    }

    private static EncoderConfiguration Read(JsonFields fields)
    {
        string type = fields.Text("model_type") ?? "";
        EncoderFamily family =
            EncoderFamily.All.FirstOrDefault(each => each.ModelType == type)
            ?? throw fields.Unexpected(
                "model_type",
                $"one of {string.Join(", ", EncoderFamily.All.Select(each => $"'{each.ModelType}'"))}"
            );
        ConfigurationFields names = family.Fields;
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
        foreach ((string field, int value) in family.FixedFields)
        {
            if (fields.Index(field, absent: value) != value)
            {
                throw fields.Unexpected(field, $"{value}, as nothing else is computed");
            }
        }
        var configuration = new EncoderConfiguration
        {
            Family = family,
            VocabularySize = fields.Count("vocab_size"),
            Width = fields.Count(names.Width),
            LayerCount = fields.Count(names.Layers),
            HeadCount = fields.Count(names.Heads),
            InnerWidth = fields.Count(names.Inner),
            MaximumPositions = fields.Count("max_position_embeddings"),
            TokenTypes = names.TokenTypes is { } types ? fields.Count(types, absent: 2) : 0,
            NormEpsilon = names.NormEpsilon is { } epsilon ? fields.Positive(epsilon, absent: 1e-12) : 1e-12,
            PadId = fields.Index("pad_token_id", absent: family.DefaultPadId),
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
}

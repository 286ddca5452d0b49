using System.Reflection;
using System.Text.Json.Serialization;
using TorchSharp.Modules;
using static TorchSharp.torch;

namespace Ssna.MLNet.Encoders;

/// <summary>
/// A family of encoders: how its <c>config.json</c> is read, what its weights are called, and how embedding and layers compute.
/// A family is one file, <c>EncoderFamily.Name.cs</c>, with a static property of this class; nothing else lists them.
/// </summary>
/// <remarks>
/// What is not overridden is BERT's: words, places and types summed and normalised, then layers with norms after the sums. A
/// family that computes otherwise overrides <see cref="Declare"/>, <see cref="Embedding"/> and <see cref="Layer"/>.
/// </remarks>
[JsonConverter(typeof(EncoderFamilyConverter))]
internal abstract partial class EncoderFamily
{
    private static readonly Lazy<IReadOnlyList<EncoderFamily>> s_all = new(() =>
        [
            .. typeof(EncoderFamily)
                .GetProperties(BindingFlags.Public | BindingFlags.Static)
                .Where(property => property.PropertyType == typeof(EncoderFamily))
                .Select(property => (EncoderFamily)property.GetValue(null)!)
                .OrderBy(family => family.Name, StringComparer.Ordinal),
        ]
    );

    /// <summary>Every family, by name.</summary>
    public static IReadOnlyList<EncoderFamily> All => s_all.Value;

    /// <summary>The name in messages and in saved models, where it must not change.</summary>
    public abstract string Name { get; }

    /// <summary>The <c>model_type</c> of its <c>config.json</c>.</summary>
    public abstract string ModelType { get; }

    /// <summary>What checkpoints with heads put before the names of the encoder itself.</summary>
    public string Prefix => $"{ModelType}.";

    /// <summary>What its <c>config.json</c> calls the sizes.</summary>
    public virtual ConfigurationFields Fields => ConfigurationFields.Common;

    /// <summary>Whole numbers of its <c>config.json</c> that mean what is computed with one value alone, and that value.</summary>
    public virtual IReadOnlyDictionary<string, int> FixedFields { get; } = new Dictionary<string, int>();

    /// <summary>The padding id where <c>config.json</c> names none.</summary>
    public virtual int DefaultPadId => 0;

    /// <summary>
    /// The row of the position embeddings that the first token takes; above 0, positions count the tokens other than padding.
    /// </summary>
    public virtual int FirstPosition(int padId) => 0;

    /// <summary>What is wrong with numbers that other families could have, as <c>config.json</c> names them; or null.</summary>
    public virtual string? Fault(EncoderConfiguration configuration) => null;

    /// <summary>
    /// Lists the parameters in the order in which <see cref="Embedding"/>, <see cref="AttentionBias"/> and, bottom up, the layers
    /// take them: the words first, the layers last.
    /// </summary>
    /// <remarks>
    /// A layer's begin with "layer.N."; its maps are attention.qkv, attention.output, feedforward.inner and feedforward.output.
    /// </remarks>
    public virtual void Declare(EncoderConfiguration configuration, EncoderLayout layout)
    {
        long width = configuration.Width;
        layout.Table("words", configuration.VocabularySize, width, "embeddings.word_embeddings");
        layout.Table("positions", configuration.MaximumPositions, width, "embeddings.position_embeddings");
        if (configuration.TokenTypes > 0)
        {
            layout.Table("types", configuration.TokenTypes, width, "embeddings.token_type_embeddings");
        }
        layout.Norm("norm", width, "embeddings.LayerNorm");
        DeclareShared(configuration, layout);
        for (int i = 0; i < configuration.LayerCount; i++)
        {
            DeclareLayer(configuration, layout, i);
        }
    }

    /// <summary>Lists the parameters that all layers share.</summary>
    protected virtual void DeclareShared(EncoderConfiguration configuration, EncoderLayout layout) { }

    /// <summary>Lists the parameters of the layer with the place <paramref name="index"/> from the bottom, from 0.</summary>
    protected abstract void DeclareLayer(EncoderConfiguration configuration, EncoderLayout layout, int index);

    /// <summary>What makes the lowest layer's input of token ids.</summary>
    /// <param name="configuration">The sizes.</param>
    /// <param name="next">Hands out the parameters in the order of <see cref="Declare"/>; they stay the caller's.</param>
    public virtual EncoderEmbedding Embedding(EncoderConfiguration configuration, Func<Parameter> next) =>
        new TokenEmbedding(configuration, next);

    /// <summary>
    /// What makes the numbers that every layer adds to its attention scores; null where nothing is added.
    /// </summary>
    /// <param name="configuration">The sizes.</param>
    /// <param name="next">Hands out the parameters in the order of <see cref="Declare"/>; they stay the caller's.</param>
    public virtual AttentionBias? AttentionBias(EncoderConfiguration configuration, Func<Parameter> next) => null;

    /// <summary>A layer.</summary>
    /// <param name="configuration">The sizes.</param>
    /// <param name="index">Its place from the bottom, from 0.</param>
    /// <param name="next">Hands out the weights in the order of <see cref="Declare"/>; they stay the caller's.</param>
    public virtual EncoderLayer Layer(EncoderConfiguration configuration, int index, Func<Tensor> next) =>
        new PostNormLayer(configuration, next);

    public override string ToString() => Name;
}

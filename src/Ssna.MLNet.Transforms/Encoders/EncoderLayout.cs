using static Ssna.MLNet.Encoders.EncoderParameterKind;

namespace Ssna.MLNet.Encoders;

/// <summary>The parameters of an encoder in a fixed order, as its family lists them.</summary>
internal sealed class EncoderLayout
{
    private readonly List<EncoderParameter> _parameters = [];

    private EncoderLayout() { }

    /// <summary>All parameters of an encoder.</summary>
    public static IReadOnlyList<EncoderParameter> Of(EncoderConfiguration configuration)
    {
        var layout = new EncoderLayout();
        configuration.Family.Declare(configuration, layout);
        return layout._parameters;
    }

    /// <summary>Rows that are looked up.</summary>
    public void Table(string name, long rows, long width, string source) =>
        Add(name, Embedding, [rows, width], $"{source}.weight");

    /// <summary>Weight and bias of a layer norm.</summary>
    public void Norm(string name, long width, string source)
    {
        Add($"{name}.weight", NormWeight, [width], $"{source}.weight");
        Add($"{name}.bias", NormBias, [width], $"{source}.bias");
    }

    /// <summary>Weight and bias of a linear map, or of several as one, each with as many outputs as the others.</summary>
    public void Linear(string name, long outputs, long inputs, params string[] sources)
    {
        Add($"{name}.weight", LinearWeight, [outputs, inputs], [.. sources.Select(source => $"{source}.weight")]);
        Add($"{name}.bias", LinearBias, [outputs], [.. sources.Select(source => $"{source}.bias")]);
    }

    /// <summary>Any other parameter.</summary>
    public void Add(string name, EncoderParameterKind kind, long[] shape, params string[] sources) =>
        _parameters.Add(new EncoderParameter(name, shape, kind, sources));
}

using Microsoft.ML.Data;
using Microsoft.ML.Transforms;

namespace Microsoft.ML;

/// <summary>Adds text encoders to <see cref="TransformsCatalog.TextTransforms"/>.</summary>
public static class EncoderLayersCatalog
{
    /// <summary>
    /// Makes an <see cref="EncoderLayersEstimator"/>: the CLS vectors of a frozen encoder's top layers, as a known-sized
    /// (layers, width) vector of <see cref="float"/> with the top layer first.
    /// </summary>
    /// <param name="catalog">The text transforms' catalog.</param>
    /// <param name="outputColumnName">The column to make.</param>
    /// <param name="inputColumnName">
    /// The column to read: a text, or a vector of texts, which are joined by a space; null means
    /// <paramref name="outputColumnName"/>.
    /// </param>
    /// <param name="model">The model's folder, as the Hugging Face hub lays it out, or its id there, as
    /// <c>owner/name</c> or <c>owner/name@revision</c>: see <see cref="ModelHub"/>.</param>
    /// <param name="layers">How many layers, counted from the top.</param>
    /// <param name="cacheFolder">A folder that keeps results between runs, or null.</param>
    /// <exception cref="ArgumentException">A name or a folder is empty, or there are no layers.</exception>
    public static EncoderLayersEstimator ExtractEncoderLayers(
        this TransformsCatalog.TextTransforms catalog,
        string outputColumnName,
        string? inputColumnName,
        string model,
        int layers = EncoderLayersEstimator.DefaultLayers,
        string? cacheFolder = null
    ) =>
        catalog.ExtractEncoderLayers(
            new EncoderLayersEstimator.Options
            {
                OutputColumnName = outputColumnName,
                InputColumnName = inputColumnName,
                Model = model,
                Layers = layers,
                CacheFolder = cacheFolder,
            }
        );

    /// <summary>Makes an <see cref="EncoderLayersEstimator"/> of its options.</summary>
    /// <param name="catalog">The text transforms' catalog.</param>
    /// <param name="options">All settings.</param>
    /// <exception cref="ArgumentException">An option is out of its range; the message names it.</exception>
    public static EncoderLayersEstimator ExtractEncoderLayers(
        this TransformsCatalog.TextTransforms catalog,
        EncoderLayersEstimator.Options options
    ) => new(CatalogUtils.GetEnvironment(catalog), options);
}

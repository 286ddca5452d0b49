using Microsoft.ML.Trainers.Recommender;
using Ssna.MLNet.Items;
using Ssna.MLNet.Model;
using Ssna.MLNet.Model.Items;
using Ssna.MLNet.Training;

namespace Ssna.MLNet;

/// <summary>What a transformer reads and writes: saved with it.</summary>
/// <param name="Sequence">The input column of sequences.</param>
/// <param name="Item">The column of item tables with the id.</param>
/// <param name="Inputs">What else is read of item tables.</param>
/// <param name="InputsBeforePipeline">
/// Whether the items had columns of those names before an item pipeline made its own: that a table has them does not tell
/// whether the pipeline has still to be run.
/// </param>
/// <param name="Score">The output column of the whole catalogue's scores.</param>
/// <param name="RecommendedItems">The output column of the best items' ids.</param>
/// <param name="RecommendedScores">The output column of their scores.</param>
/// <param name="TopK">How many of the best at most.</param>
/// <param name="ExcludeHistory">Whether they leave out the row's own items.</param>
internal sealed record TransformerSettings(
    string Sequence,
    string Item,
    ItemInputs Inputs,
    bool InputsBeforePipeline,
    string Score,
    string RecommendedItems,
    string RecommendedScores,
    int TopK,
    bool ExcludeHistory
)
{
    public static TransformerSettings Of(SsnaTrainer.Options options)
    {
        ItemInputs inputs = options.Adaptation.InputsOf(options);
        return new(
            options.SequenceColumnName,
            options.ItemColumnName,
            inputs,
            options.ItemPipeline is not null && inputs.AreIn(options.Items!.Schema),
            options.ScoreColumnName,
            options.RecommendedItemsColumnName,
            options.RecommendedScoresColumnName,
            options.TopK,
            options.ExcludeHistory
        );
    }

    /// <summary>Checks settings that a file claims, and that they are of the model beside them.</summary>
    /// <exception cref="ArgumentOutOfRangeException">One is out of its range, or of another model; the message names it.</exception>
    public void Check(SsnaModelShape model, int itemCount)
    {
        OptionsChecks.NotEmpty(Sequence, nameof(Sequence));
        OptionsChecks.NotEmpty(Item, nameof(Item));
        OptionsChecks.CheckOutputs(Score, RecommendedItems, RecommendedScores);
        OptionsChecks.AtLeast(1, TopK, nameof(TopK));
        bool fits = (Inputs, model.Items) switch
        {
            (FeatureInputs features, FeatureEncoderShape shape) => !string.IsNullOrEmpty(features.Column)
                && features.Layers == shape.LayerCount
                && features.Width == shape.FeatureWidth,
            (TextInputs text, TextEncoderShape shape) => !string.IsNullOrEmpty(text.Column)
                && text.MaximumTokens >= 2
                && text.MaximumTokens <= shape.Encoder.MaximumTokens,
            (IdInputs, ItemTableShape shape) => shape.ItemCount == itemCount,
            _ => false,
        };
        OptionsChecks.Require(
            fits,
            Inputs,
            nameof(Inputs),
            $"what fits a catalogue of {itemCount} items and {model.Items}"
        );
    }
}

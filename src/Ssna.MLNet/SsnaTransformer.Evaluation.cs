using Microsoft.ML.Runtime;
using Ssna.MLNet.Evaluation;
using Ssna.MLNet.Ids;
using Ssna.MLNet.Interop;

namespace Microsoft.ML.Trainers.Recommender;

// What evaluation asks beside the scores.
public sealed partial class SsnaTransformer
{
    /// <summary>What tells how often each item was taken in the training data: (I); null for a model saved before that was kept.</summary>
    private Func<long[]>? TrainingCounts =>
        Training.Interactions is { } all
            ? () => Array.ConvertAll(_catalogue.Popularity, share => (long)Math.Round(share * (double)all))
            : null;

    /// <summary>The embeddings of items of a column of scores. The caller keeps the native memory (<see cref="Use"/>).</summary>
    /// <param name="context">Where exceptions are marked as coming from.</param>
    /// <param name="scoreColumn">The column's name.</param>
    /// <param name="items">Its items, each at the place of its score.</param>
    /// <exception cref="InvalidOperationException">The catalogue does not have one of them.</exception>
    internal EmbeddingsOfItems EmbeddingsOf(IExceptionContext context, string scoreColumn, TextItemIds items)
    {
        TextItemIds ids = TextsOf(_ids);
        var indexes = new int[items.Count];
        for (int i = 0; i < indexes.Length; i++)
        {
            indexes[i] = ids.Find(items.TextOf(i));
            if (indexes[i] < 0)
            {
                throw context.Fault(
                    $"Column '{scoreColumn}': expected scores of items that the transformer has, whose embeddings tell how alike they "
                        + $"are, found '{items.ToText(i)}', which it has not."
                );
            }
        }
        return places => _catalogue.UnitEmbeddings(Array.ConvertAll(places, place => indexes[place]));
    }

    private static TextItemIds TextsOf(ItemIds ids)
    {
        if (ids is TextItemIds texts)
        {
            return texts;
        }
        var made = new TextItemIds();
        for (int i = 0; i < ids.Count; i++)
        {
            made.FindOrAdd(ids.TextOf(i));
        }
        return made;
    }
}

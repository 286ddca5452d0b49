using System.Numerics.Tensors;
using Microsoft.ML;
using Microsoft.ML.Data;
using Microsoft.ML.Trainers.Recommender;

namespace VectorIndex;

/// <summary>What an index should find: every item's product with every user.</summary>
internal static class BruteForce
{
    public static string[][] Nearest(
        MLContext mlContext,
        SsnaTransformer model,
        float[][] users,
        int count,
        CancellationToken cancellation
    )
    {
        var best = Array.ConvertAll(users, _ => new PriorityQueue<string, float>(count + 1));
        foreach (EmbeddingRecord[] items in mlContext.Data.ReadEmbeddings(model.GetItemEmbeddings()).Chunk(4096))
        {
            cancellation.ThrowIfCancellationRequested();
            Parallel.For(
                0,
                users.Length,
                user =>
                {
                    foreach (EmbeddingRecord item in items)
                    {
                        float cosine = TensorPrimitives.Dot(users[user], item.Vector.Span);
                        if (best[user].Count < count)
                        {
                            best[user].Enqueue(item.Id, cosine);
                        }
                        else
                        {
                            best[user].EnqueueDequeue(item.Id, cosine);
                        }
                    }
                }
            );
        }
        return Array.ConvertAll(best, queue => queue.UnorderedItems.Select(item => item.Element).ToArray());
    }
}

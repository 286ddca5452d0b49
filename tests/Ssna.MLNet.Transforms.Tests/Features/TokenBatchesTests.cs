using CsCheck;
using Ssna.MLNet.Features;

namespace Ssna.MLNet.Transforms.Tests.Features;

[TestClass]
public sealed class TokenBatchesTests
{
    [TestMethod]
    public void Every_text_is_in_one_batch_within_the_bound_and_longest_come_first() =>
        Gen.Select(Gen.Int[1, 60].Array[0, 80], Gen.Int[1, 200])
            .Sample(
                (lengths, bound) =>
                {
                    int[][] texts = Array.ConvertAll(lengths, length => new int[length]);
                    int[][] batches = [.. TokenBatches.Plan(texts, bound)];
                    CollectionAssert.AreEquivalent(
                        Enumerable.Range(0, texts.Length).ToArray(),
                        batches.SelectMany(batch => batch).ToArray()
                    );
                    foreach (int[] batch in batches)
                    {
                        int longest = batch.Max(i => lengths[i]);
                        Assert.IsTrue(batch.Length == 1 || batch.Length * longest <= bound);
                    }
                    int[] inOrder = [.. batches.SelectMany(batch => batch).Select(i => lengths[i])];
                    CollectionAssert.AreEqual(lengths.OrderDescending().ToArray(), inOrder);
                }
            );
}

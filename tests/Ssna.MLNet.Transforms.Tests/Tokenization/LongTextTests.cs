using Ssna.MLNet.Tokenization;
using static Ssna.MLNet.Transforms.Tests.Tokenization.TokenizerFolder;

namespace Ssna.MLNet.Transforms.Tests.Tokenization;

/// <summary>Texts far longer than what is kept of them.</summary>
[TestClass]
public sealed class LongTextTests
{
    /// <summary>Two words of one kind of character each, without a space: unspaced scripts, encoded files, rows of letters.</summary>
    private static readonly string[] s_texts =
    [
        string.Concat(Enumerable.Repeat("中華人民共和國東京都", 100_000)),
        new('a', 1_000_000),
        Letters(1_000_000),
    ];

    [TestMethod]
    public void A_word_of_a_million_letters_takes_work_in_proportion_to_its_length()
    {
        using TokenizerFolder folder = Of("roberta-base-tokenizer", "vocab.json", "merges.txt");
        EncoderTokenizer tokenizer = folder.Load();
        foreach (string text in s_texts)
        {
            // Quadratic work would take hours here; what a test can count without a clock is what is allocated.
            long before = GC.GetAllocatedBytesForCurrentThread();
            int[] ids = tokenizer.Encode(text, 512, out bool truncated);
            Assert.IsLessThan(100L * text.Length * 3, GC.GetAllocatedBytesForCurrentThread() - before);
            Assert.HasCount(512, ids);
            Assert.IsTrue(truncated);
        }
    }

    [TestMethod]
    [DataRow("roberta-base-tokenizer", "vocab.json", "merges.txt")]
    [DataRow("bert-base-uncased-tokenizer", "vocab.txt")]
    public void What_is_kept_of_a_long_text_is_the_start_of_all_its_ids(string model, params string[] files)
    {
        using TokenizerFolder folder = Of(model, files);
        EncoderTokenizer tokenizer = folder.Load();
        foreach (string text in s_texts.Append(string.Join(' ', s_texts.Select(text => text[..1000]))))
        {
            int[] all = tokenizer.Encode(text, int.MaxValue, out bool truncated);
            Assert.IsFalse(truncated);
            foreach (int kept in new[] { 2, 3, 100, 512 }.Where(kept => kept < all.Length))
            {
                int[] expected = [.. all[..(kept - 1)], all[^1]];
                CollectionAssert.AreEqual(expected, tokenizer.Encode(text, kept, out truncated));
                Assert.IsTrue(truncated);
            }
        }
    }

    private static string Letters(int length)
    {
        var random = new Random(5);
        return string.Create(
            length,
            random,
            static (text, random) => random.GetItems("abcdefghijklmnopqrstuvwxyzABCDEFGH", text)
        );
    }
}

using QuickStart.Sample.Encoder;
using QuickStart.Sample.Shop;

namespace QuickStart.Sample.Tests.Encoder;

[TestClass]
public sealed class WordPieceVocabularyTests
{
    [TestMethod]
    public void The_committed_vocabulary_is_what_the_shops_texts_give()
    {
        var committed = File.ReadAllLines(Path.Combine(AppContext.BaseDirectory, "encoder", "vocab.txt"));

        var learned = WordPieceVocabulary.Learn(
            SampleFiles.Shop().Products.Select(product => product.Text),
            committed.Length
        );

        CollectionAssert.AreEqual(committed, learned);
    }

    [TestMethod]
    public void The_most_frequent_pair_becomes_a_piece_first()
    {
        var alphabet = WordPieceVocabulary.Learn([], size: 0);

        var learned = WordPieceVocabulary.Learn(["abab abab abc"], alphabet.Count + 2);

        // "a" with "##b" occurs three times; "##b" with "##a" and "##a" with "##b" twice.
        Assert.AreEqual("ab", learned[alphabet.Count]);
    }

    [TestMethod]
    public void Learning_ends_when_no_pair_occurs_twice() =>
        CollectionAssert.AreEqual(
            WordPieceVocabulary.Learn([], size: 0),
            WordPieceVocabulary.Learn(["one"], size: 10_000)
        );
}

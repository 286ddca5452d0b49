using Ssna.MLNet.Features;

namespace Ssna.MLNet.Transforms.Tests.Features;

[TestClass]
public sealed class LayerIndexTests
{
    private const int Size = 40;

    [TestMethod]
    [DataRow(0)]
    [DataRow(20_000)]
    [DataRow(60_000)]
    public void Every_record_is_found_in_its_place_whatever_was_expected(int expected)
    {
        var index = new LayerIndex();
        index.Expect(expected);
        for (int text = 0; text < 60_000; text++)
        {
            (string file, long offset) = PlaceOf(text);
            index.Add(Key(text), file, offset, Size);
        }
        for (int text = 0; text < 60_000; text++)
        {
            Assert.AreEqual(PlaceOf(text), index.Place(index.Candidates(Key(text)).Single(), Size));
        }
        Assert.IsEmpty(index.Candidates(Key(60_000)));
    }

    [TestMethod]
    public void A_text_has_all_its_records_until_they_are_forgotten()
    {
        var index = new LayerIndex();
        index.Add(Key(1), "a", 100, Size);
        index.Add(Key(2), "a", 140, Size);
        index.Add(Key(1), "b", 100, Size);
        List<uint> found = index.Candidates(Key(1));
        CollectionAssert.AreEquivalent(
            new[] { ("a", 100L), ("b", 100L) },
            found.ConvertAll(record => index.Place(record, Size))
        );
        index.Forget(Key(1), found[0]);
        Assert.AreEqual(found[1], index.Candidates(Key(1)).Single());
        index.Expect(1000); // what was forgotten stays so in a larger table
        Assert.AreEqual(found[1], index.Candidates(Key(1)).Single());
        Assert.AreEqual(("a", 140L), index.Place(index.Candidates(Key(2)).Single(), Size));
    }

    [TestMethod]
    [DoNotParallelize]
    public void Takes_at_most_24_bytes_a_text()
    {
        const int Texts = 200_000;
        TextKey[] keys = [.. Enumerable.Range(0, Texts).Select(Key)];
        foreach (int expected in (int[])[0, Texts])
        {
            long before = GC.GetTotalMemory(forceFullCollection: true);
            var index = new LayerIndex();
            index.Expect(expected);
            long offset = 0;
            foreach (TextKey key in keys)
            {
                index.Add(key, "a", offset += Size, Size);
            }
            long bytes = GC.GetTotalMemory(forceFullCollection: true) - before;
            Assert.IsLessThan(24L * Texts, bytes, $"{expected} expected");
            GC.KeepAlive(index);
        }
    }

    // Two files that grow in turn, a few records at a time.
    private static (string File, long Offset) PlaceOf(int text) =>
        (text / 100 % 2 == 0 ? "a" : "b", 44 + ((long)((text / 200 * 100) + (text % 100)) * Size));

    private static TextKey Key(int text) => TextKey.Of($"text {text}");
}

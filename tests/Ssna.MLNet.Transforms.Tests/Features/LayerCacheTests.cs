using Ssna.MLNet.Features;
using Ssna.MLNet.Testing;

namespace Ssna.MLNet.Transforms.Tests.Features;

[TestClass]
public sealed class LayerCacheTests : IDisposable
{
    private const int ValueLength = 5;

    private static readonly byte[] s_settings = [.. Enumerable.Range(0, 32).Select(i => (byte)i)];

    private readonly TemporaryFolder _folder = new();
    private readonly List<string> _warnings = [];

    public void Dispose() => _folder.Dispose();

    private LayerCache Open(byte[]? settings = null)
    {
        var cache = new LayerCache(_folder.Path, settings ?? s_settings, ValueLength, _warnings.Add);
        cache.Refresh();
        return cache;
    }

    private static TextKey Key(int text) => TextKey.Of($"text {text}");

    private static float[] Values(int text) => [.. Enumerable.Range(0, ValueLength).Select(i => text + (i / 10f))];

    private static void Add(LayerCache cache, params int[] texts) =>
        cache.Add(Array.ConvertAll(texts, Key), Array.ConvertAll(texts, Values));

    private string[] Files() => Directory.GetFiles(_folder.Path, "*.layers");

    private string OnlyFile() => Files().Single();

    private static int RecordSize => TextKey.Size + (ValueLength * sizeof(float)) + sizeof(uint);

    [TestMethod]
    public void What_one_adds_another_finds_once_it_looks_again()
    {
        LayerCache first = Open();
        LayerCache second = Open();
        Add(first, 1, 2);
        Add(second, 3);
        Assert.IsNull(second.Find(Key(1)));
        second.Refresh();
        first.Refresh();
        foreach (int text in (int[])[1, 2, 3])
        {
            CollectionAssert.AreEqual(Values(text), first.Find(Key(text)));
            CollectionAssert.AreEqual(Values(text), second.Find(Key(text)));
        }
        // What was appended to a file that had been seen before.
        Add(first, 4);
        second.Refresh();
        CollectionAssert.AreEqual(Values(4), second.Find(Key(4)));
        Assert.IsNull(first.Find(Key(5)));
        Assert.IsEmpty(_warnings);
    }

    [TestMethod]
    public void Writers_on_many_threads_lose_nothing()
    {
        Parallel.For(0, 4, writer => Parallel.For(0, 50, i => Add(Open(), (writer * 50) + i)));
        LayerCache cache = Open();
        for (int text = 0; text < 200; text++)
        {
            CollectionAssert.AreEqual(Values(text), cache.Find(Key(text)));
        }
    }

    [TestMethod]
    public void Other_settings_do_not_meet_even_where_their_files_have_the_same_beginning()
    {
        Add(Open(), 1);
        byte[] settings = [.. s_settings];
        settings[^1] ^= 1;
        Assert.IsNull(Open(settings).Find(Key(1)));
        Assert.HasCount(1, _warnings);
    }

    [TestMethod]
    public void A_file_cut_anywhere_keeps_its_whole_records()
    {
        Add(Open(), 1, 2);
        byte[] whole = File.ReadAllBytes(OnlyFile());
        int record = RecordSize;
        for (int length = 0; length <= whole.Length; length++)
        {
            File.WriteAllBytes(OnlyFile(), whole[..length]);
            LayerCache cache = Open();
            Assert.AreEqual(length >= whole.Length - record, cache.Find(Key(1)) is not null, $"{length} bytes");
            Assert.AreEqual(length == whole.Length, cache.Find(Key(2)) is not null, $"{length} bytes");
        }
    }

    [TestMethod]
    public void A_changed_byte_never_gives_other_values()
    {
        Add(Open(), 1);
        byte[] whole = File.ReadAllBytes(OnlyFile());
        for (int at = 0; at < whole.Length; at++)
        {
            byte[] damaged = [.. whole];
            damaged[at] ^= 0x10;
            File.WriteAllBytes(OnlyFile(), damaged);
            Assert.IsNull(Open().Find(Key(1)), $"byte {at}");
        }
    }

    [TestMethod]
    public void A_damaged_record_is_computed_again_once_whichever_file_is_read_first()
    {
        // Each file has the damaged record of one text and the good one of the other: files come in no certain order.
        Add(Open(), 1, 2);
        DamageOneOfTwo(OnlyFile(), record: 0);
        LayerCache second = Open();
        Assert.IsNull(second.Find(Key(1)));
        string firstFile = OnlyFile();
        Add(second, 1, 2);
        DamageOneOfTwo(Files().Single(file => file != firstFile), record: 1);
        for (int run = 0; run < 2; run++)
        {
            LayerCache cache = Open();
            CollectionAssert.AreEqual(Values(1), cache.Find(Key(1)));
            CollectionAssert.AreEqual(Values(2), cache.Find(Key(2)));
            CollectionAssert.AreEqual(Values(1), cache.Find(Key(1)), "found again");
        }
        Assert.IsNotEmpty(_warnings);
    }

    [TestMethod]
    public void Keys_that_are_cut_short_damaged_or_gone_lose_no_record_but_the_damaged_keys()
    {
        Add(Open(), 1, 2, 3);
        string file = Directory.GetFiles(_folder.Path, "*.keys").Single();
        byte[] whole = File.ReadAllBytes(file);
        Assert.HasCount(3 * TextKey.Size, whole);
        for (int length = 0; length <= whole.Length; length++)
        {
            File.WriteAllBytes(file, whole[..length]);
            RequireAll($"{length} bytes");
        }
        File.Delete(file);
        RequireAll("no file");
        whole[TextKey.Size] ^= 0x10;
        File.WriteAllBytes(file, whole);
        LayerCache cache = Open();
        Assert.IsNull(cache.Find(Key(2)));
        CollectionAssert.AreEqual(Values(3), cache.Find(Key(3)));
        Add(cache, 2);
        CollectionAssert.AreEqual(Values(2), cache.Find(Key(2)));

        void RequireAll(string when)
        {
            LayerCache cache = Open();
            foreach (int text in (int[])[1, 2, 3])
            {
                CollectionAssert.AreEqual(Values(text), cache.Find(Key(text)), when);
            }
            Assert.IsEmpty(_warnings);
        }
    }

    [TestMethod]
    public void Keys_are_read_from_their_own_file_and_not_from_the_records()
    {
        Add(Open(), 1);
        byte[] bytes = File.ReadAllBytes(OnlyFile());
        bytes[^RecordSize] ^= 0x10; // the record's own key
        File.WriteAllBytes(OnlyFile(), bytes);
        Assert.IsNull(Open().Find(Key(1)));
        Assert.HasCount(1, _warnings, "the record was looked at, and is damaged");
    }

    private static void DamageOneOfTwo(string file, int record)
    {
        byte[] bytes = File.ReadAllBytes(file);
        int size = RecordSize;
        bytes[bytes.Length - ((2 - record) * size) + TextKey.Size] ^= 0x10;
        File.WriteAllBytes(file, bytes);
    }

    [TestMethod]
    public void A_folder_that_is_deleted_while_it_is_used_is_made_again()
    {
        LayerCache cache = Open();
        Add(cache, 1, 2);
        Directory.Delete(_folder.Path, recursive: true);
        cache.Refresh();
        Assert.IsNull(cache.Find(Key(1)));
        Assert.IsNull(cache.Find(Key(2)));
        Assert.HasCount(2, _warnings, "one of the folder, one of its file");
        Add(cache, 1, 3);
        Add(cache, 4);
        cache.Refresh();
        LayerCache other = Open();
        foreach (int text in (int[])[1, 3, 4])
        {
            CollectionAssert.AreEqual(Values(text), cache.Find(Key(text)));
            CollectionAssert.AreEqual(Values(text), other.Find(Key(text)));
        }
        Assert.HasCount(2, _warnings);
    }

    [TestMethod]
    public void A_folder_that_cannot_be_made_costs_warnings_and_nothing_else()
    {
        File.WriteAllText(_folder["taken"], "a file of that name");
        var cache = new LayerCache(_folder["taken"], s_settings, ValueLength, _warnings.Add);
        cache.Refresh();
        Add(cache, 1);
        Add(cache, 2);
        cache.Refresh();
        Assert.IsNull(cache.Find(Key(1)));
        Assert.HasCount(2, _warnings, "nothing is kept; nothing is read");
        Assert.AreEqual("a file of that name", File.ReadAllText(_folder["taken"]));
    }

    [TestMethod]
    public void A_folder_that_becomes_a_file_ends_the_keeping_with_one_warning()
    {
        LayerCache cache = Open();
        Add(cache, 1);
        Directory.Delete(_folder.Path, recursive: true);
        File.WriteAllText(_folder.Path, "");
        Add(cache, 2);
        Add(cache, 3);
        Assert.HasCount(1, _warnings);
        File.Delete(_folder.Path);
        Directory.CreateDirectory(_folder.Path);
    }
}

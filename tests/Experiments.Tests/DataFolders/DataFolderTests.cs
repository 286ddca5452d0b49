using System.Text;
using DataFolders;
using Microsoft.ML;
using Microsoft.ML.Data;
using Ssna.MLNet.Testing;

namespace Experiments.Tests.DataFolders;

[TestClass]
public sealed class DataFolderTests : IDisposable
{
    private const string Genres = "0|0|0|1|1|1|0|0|0|0|0|0|0|0|0|0|0|0|0";

    private readonly MLContext _context = new(1);
    private readonly TemporaryFolder _folder = new();

    public void Dispose() => _folder.Dispose();

    [TestMethod]
    public void The_sample_of_QuickStart_is_read_with_its_times()
    {
        string sample = Path.Combine(SharedFolder.Checkout, "examples", "QuickStart", "sample");
        var data = new DataFolder(_context, sample);
        string[] rows = File.ReadAllLines(Path.Combine(sample, "interactions.tsv"));
        Assert.AreEqual(DateTimeDataViewType.Instance, data.Interactions.Schema["Time"].Type);
        DateTime[] times = [.. data.Interactions.GetColumn<DateTime>("Time")];
        CollectionAssert.AreEqual(rows[1..].Select(row => DateTime.Parse(row.Split('\t')[2])).ToArray(), times);
        Assert.AreEqual("Wexley folding stand, tripod. Music, stands.", DataViews.Values(data.Items, "Text")[0]);
        Assert.AreEqual(rows.Length - 1, _context.Data.GroupIntoSequences(data.Interactions).Summary.Interactions);
    }

    [TestMethod]
    [DataRow("a number an order", typeof(long), "3", "1", "2")]
    [DataRow("epoch seconds", typeof(long), "881250951", "881250949", "881250950")]
    [DataRow("negative numbers", typeof(long), "0", "-20", "-3")]
    [DataRow("larger than a long", typeof(ulong), "18446744073709551615", "3", "18446744073709551614")]
    [DataRow("fractions", typeof(double), "2.75", "-1e3", "2.5")]
    [DataRow("a plus sign, which ML.NET's integers lack", typeof(double), "+3", "1", "+2")]
    [DataRow("days", typeof(DateTime), "2024-02-01", "2023-12-31", "2024-01-31")]
    [DataRow("dates and minutes", typeof(DateTime), "2024-01-02 22:25", "2024-01-02 06:28", "2024-01-02 22:24")]
    [DataRow("as other countries write", typeof(DateTime), "12/31/2024 11:00 PM", "1/2/2023", "12/31/2024 10:59 AM")]
    [DataRow("UTC", typeof(DateTime), "2024-01-02T10:00:01Z", "2024-01-02T09:59:59.5Z", "2024-01-02T10:00:00Z")]
    [DataRow(
        "an offset of each its own",
        typeof(DateTime),
        "2024-01-02T10:00:00-05:00", // 15:00 UTC
        "2024-01-02T12:00:00+05:00", // 07:00
        "2024-01-02T11:00:00+01:00" // 10:00
    )]
    public void Times_of_every_format_order_a_users_items(string _, Type type, string last, string first, string second)
    {
        Tables([last, first, second]);
        var data = new DataFolder(_context, _folder.Path);
        Assert.AreEqual(type, data.Interactions.Schema["Time"].Type.RawType);
        string[] sequence = _context
            .Data.CreateEnumerable<Sequences>(_context.Data.GroupIntoSequences(data.Interactions), false)
            .Single()
            .Sequence;
        CollectionAssert.AreEqual(new[] { "i1", "i2", "i0" }, sequence);
    }

    [TestMethod]
    [DataRow("5", "7")]
    [DataRow("5.5", "7")]
    [DataRow("2024-01-02", "2024-01-03")]
    public void A_time_that_is_missing_is_left_out_and_no_first_one(string early, string late)
    {
        Tables([late, "", early]);
        SequenceDataView sequences = _context.Data.GroupIntoSequences(
            new DataFolder(_context, _folder.Path).Interactions
        );
        Assert.AreEqual(1, sequences.Summary.RowsWithoutTime);
        CollectionAssert.AreEqual(
            new[] { "i2", "i0" },
            _context.Data.CreateEnumerable<Sequences>(sequences, false).Single().Sequence
        );
    }

    [TestMethod]
    [DataRow("row 2", "'yesterday'", "5", "yesterday")]
    [DataRow("row 3", "'6'", "2024-01-02", "", "6")]
    [DataRow("row 2", "'2024-01-02'", "5.5", "2024-01-02")]
    [DataRow("row 2", "'x'", "18446744073709551615", "x")]
    [DataRow("none in 2 rows", "column 3", "", "")]
    public void What_is_no_time_among_the_others_is_named(string where, string found, params string[] times)
    {
        Tables(times);
        var error = Assert.ThrowsExactly<InvalidDataException>(() =>
            new DataFolder(_context, _folder.Path).Interactions
        );
        StringAssert.Contains(error.Message, _folder["interactions.tsv"]);
        StringAssert.Contains(error.Message, where);
        StringAssert.Contains(error.Message, found);
    }

    [TestMethod]
    public void MovieLens_100k_is_read_as_it_is_published()
    {
        File.WriteAllText(
            _folder["u.item"],
            $"1|Toy Story (1995)|01-Jan-1995||http://example.org/title?Toy%20Story|{Genres}\n"
                + $"543|Misérables, Les (1995)|01-Jan-1995|||{Only(8)}\n267|unknown||||{Only(0)}\n\n",
            Encoding.Latin1
        );
        File.WriteAllText(_folder["u.data"], "196\t1\t3\t881250949\n196\t543\t1\t881250940\n22\t1\t5\t878887116\n");
        var data = new DataFolder(_context, _folder.Path);
        Read(
            data,
            ["1", "543", "267"],
            ["Toy Story (1995). Animation, Children's, Comedy", "Misérables, Les (1995). Drama", "unknown"],
            [
                ["543", "1"],
                ["1"],
            ]
        );
        Assert.AreEqual("u.data", data.InteractionsFile);
        Assert.AreEqual("u.item", data.ItemsFile);

        static string Only(int genre) => string.Join('|', Enumerable.Range(0, 19).Select(i => i == genre ? 1 : 0));
    }

    [TestMethod]
    public void MovieLens_of_later_years_is_read_with_its_quotes()
    {
        File.WriteAllText(
            _folder["movies.csv"],
            """"
            movieId,title,genres
            1,Toy Story (1995),Adventure|Animation|Children
            11,"American President, The (1995)",Comedy|Drama
            150548,"""Sherlock"" Misérables (2012)",(no genres listed)

            """"
        );
        File.WriteAllText(
            _folder["ratings.csv"],
            "userId,movieId,rating,timestamp\n1,11,4.0,964982703\n1,1,0.5,964981247\n2,150548,5.0,1445714835\n"
        );
        var data = new DataFolder(_context, _folder.Path);
        Read(
            data,
            ["1", "11", "150548"],
            [
                "Toy Story (1995). Adventure, Animation, Children",
                "American President, The (1995). Comedy, Drama",
                "\"Sherlock\" Misérables (2012)",
            ],
            [
                ["1", "11"],
                ["150548"],
            ]
        );
        Assert.AreEqual("ratings.csv", data.InteractionsFile);
    }

    [TestMethod]
    public void A_film_with_other_fields_is_named_by_its_line()
    {
        File.WriteAllText(_folder["u.data"], "1\t1\t3\t5\n");
        File.WriteAllText(_folder["u.item"], $"1|A (1)||||{Genres}\n2|B|with|bars (1)||||{Genres}\n");
        var error = Assert.ThrowsExactly<InvalidDataException>(() => new DataFolder(_context, _folder.Path).Items);
        StringAssert.Contains(error.Message, $"{_folder["u.item"]}, line 2: expected 24 fields");
        StringAssert.Contains(error.Message, "found 26");
    }

    [TestMethod]
    public void Tables_of_our_own_come_before_others_in_the_same_folder()
    {
        Tables(["1", "2"]);
        foreach (string file in new[] { "u.data", "u.item", "ratings.csv", "movies.csv" })
        {
            File.WriteAllText(_folder[file], "not to be read");
        }
        var data = new DataFolder(_context, _folder.Path);
        CollectionAssert.AreEqual(new[] { "i0", "i1" }, DataViews.Values(data.Items, "Item").ToArray());
    }

    [TestMethod]
    public void A_folder_that_fits_nothing_is_named_with_what_was_looked_for()
    {
        const string expected =
            "expected interactions.tsv and items.tsv, or u.data and u.item, or ratings.csv and movies.csv";
        Assert.AreEqual($"Folder '{_folder.Path}': {expected}, found none of them.", Fault());
        File.WriteAllText(_folder["u.data"], "");
        Assert.AreEqual($"Folder '{_folder.Path}': {expected}, found u.data alone.", Fault());
        File.WriteAllText(_folder["movies.csv"], "");
        Assert.AreEqual($"Folder '{_folder.Path}': {expected}, found u.data and movies.csv alone.", Fault());
        string nowhere = _folder["nowhere"];
        var error = Assert.ThrowsExactly<DirectoryNotFoundException>(() => new DataFolder(_context, nowhere));
        StringAssert.Contains(error.Message, nowhere);

        string Fault() =>
            Assert.ThrowsExactly<FileNotFoundException>(() => new DataFolder(_context, _folder.Path)).Message;
    }

    private void Tables(string[] times)
    {
        File.WriteAllLines(_folder["items.tsv"], ["item\ttext", .. times.Select((_, i) => $"i{i}\ttext {i}")]);
        File.WriteAllLines(
            _folder["interactions.tsv"],
            ["user\titem\ttime", .. times.Select((time, i) => $"u\ti{i}\t{time}")]
        );
    }

    private void Read(DataFolder data, string[] ids, string[] texts, string[][] sequences)
    {
        CollectionAssert.AreEqual(ids, DataViews.Values(data.Items, "Item").ToArray());
        CollectionAssert.AreEqual(texts, DataViews.Values(data.Items, "Text").ToArray());
        string[][] found =
        [
            .. _context
                .Data.CreateEnumerable<Sequences>(_context.Data.GroupIntoSequences(data.Interactions), false)
                .Select(row => row.Sequence),
        ];
        Assert.HasCount(sequences.Length, found);
        for (int i = 0; i < found.Length; i++)
        {
            CollectionAssert.AreEqual(sequences[i], found[i]);
        }
    }

    private sealed class Sequences
    {
        public string[] Sequence { get; set; } = [];
    }
}

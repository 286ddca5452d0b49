using Parquet;
using Parquet.Schema;
using Ssna.MLNet.Testing;
using Ssna.MLNet.Tool.Tables;

namespace Ssna.MLNet.Tool.Tests.Tables;

[TestClass]
public sealed class TableFileTests : IDisposable
{
    private readonly TemporaryFolder _folder = new();

    public void Dispose() => _folder.Dispose();

    [TestMethod]
    [DataRow("a.csv", "id,text\n1,\"red, \"\"large\"\"\"\n2,\"two\nlines\"\n")]
    [DataRow("a.csv", "id;text\n1;\"red, \"\"large\"\"\"\n2;\"two\nlines\"\n")]
    [DataRow("a.CSV", "\uFEFFid,text\r\n1,\"red, \"\"large\"\"\"\r\n2,\"two\nlines\"")]
    [DataRow("a.jsonl", "{\"id\":1,\"text\":\"red, \\\"large\\\"\"}\n\n{\"text\":\"two\\nlines\",\"id\":\"2\"}\n")]
    public void Quotes_separators_and_line_ends_are_read(string name, string content)
    {
        CollectionAssert.AreEqual(
            new[] { "1|red, \"large\"", "2|two\nlines" },
            Read(Write(name, content), "id", "text")
        );
    }

    [TestMethod]
    public void Quotes_of_a_tsv_are_letters()
    {
        CollectionAssert.AreEqual(
            new[] { "1|a 5\" pipe", "2|\"quoted\"" },
            Read(Write("a.tsv", "id\ttext\n1\ta 5\" pipe\n2\t\"quoted\"\n"), "id", "text")
        );
    }

    [TestMethod]
    public void Columns_are_read_by_name_whatever_their_order()
    {
        CollectionAssert.AreEqual(new[] { "c|a" }, Read(Write("a.csv", "x,y,z\na,b,c\n"), "z", "x"));
    }

    [TestMethod]
    public void JSON_may_lack_names_and_have_numbers_nulls_and_lists()
    {
        string path = Write(
            "a.ndjson",
            """
            {"id": 7, "categories": ["pots", "pans"], "time": 1.5}
            {"id": "x", "categories": null}
            {"more": true, "id": 8}
            """
        );
        CollectionAssert.AreEqual(new[] { "7|pots, pans|1.5", "x||", "8||" }, Read(path, "id", "categories", "time"));
    }

    [TestMethod]
    public async Task Parquet_has_texts_numbers_and_times_some_missing_in_several_groups_of_rows()
    {
        var id = new DataField<string>("id");
        var count = new DataField<long?>("count");
        var rate = new DataField<double>("rate");
        var time = new DateTimeDataField("time", DateTimeFormat.DateAndTimeMicros, isNullable: false);
        string path = _folder["a.parquet"];
        using (FileStream file = File.Create(path))
        {
            await using ParquetWriter writer = await ParquetWriter.CreateAsync(
                new ParquetSchema(id, count, rate, time),
                file
            );
            for (int group = 0; group < 2; group++)
            {
                using ParquetRowGroupWriter rows = writer.CreateRowGroup();
                await rows.WriteAsync(id, new string?[] { $"a{group}", null });
                await rows.WriteAsync<long>(count, new long?[] { null, 1L << 40 });
                await rows.WriteAsync<double>(rate, new double[] { 0.5, -1 });
                await rows.WriteAsync<DateTime>(
                    time,
                    new DateTime[] { new(2024, 1, 2, 3, 4, 5), new(2024, 1, 2, 3, 4, 5, 6, 7) }
                );
            }
        }
        string[] rowsRead = Read(path, "time", "id", "count", "rate");
        CollectionAssert.AreEqual(
            new[]
            {
                "2024-01-02T03:04:05.0000000|a0||0.5",
                "2024-01-02T03:04:05.0060070||1099511627776|-1",
                "2024-01-02T03:04:05.0000000|a1||0.5",
                "2024-01-02T03:04:05.0060070||1099511627776|-1",
            },
            rowsRead.Select(row => row.Replace("Z|", "|")).ToArray()
        );
    }

    [TestMethod]
    [DataRow("a.csv", "id,text\n1,red\n2,red,large\n", "a.csv")]
    [DataRow("a.jsonl", "{\"id\": 1}\n[1]\n", "line 2: expected an object, found a list")]
    [DataRow("a.jsonl", "{\"id\": 1}\n{\"id\"\n", "line 2")]
    [DataRow("a.jsonl", "{\"id\": {\"x\": 1}}\n", "line 1, 'id': expected a text, a number or a list of them")]
    [DataRow("a.jsonl", "", "expected columns with names, found none")]
    [DataRow("a.parquet", "this is something else", "a.parquet")]
    [DataRow("a.xlsx", "x", "expected a file that ends in .csv, .tsv, .jsonl, .ndjson, .parquet, found '.xlsx'")]
    public void What_cannot_be_read_is_named(string name, string content, string message)
    {
        string path = Write(name, content);
        var error = Assert.ThrowsExactly<InvalidDataException>(() => Read(path, "id"));
        StringAssert.Contains(error.Message, path);
        StringAssert.Contains(error.Message, message);
    }

    private static string[] Read(string path, params string[] columns)
    {
        TableFile table = TableFile.Open(path);
        int[] places = [.. columns.Select(name => table.Columns.ToList().IndexOf(name))];
        return [.. table.Read(places).Select(values => string.Join('|', values))];
    }

    private string Write(string name, string content)
    {
        File.WriteAllText(_folder[name], content);
        return _folder[name];
    }
}

using System.Globalization;
using System.Reflection;
using Microsoft.ML.Trainers.Recommender;
using Ssna.MLNet.Testing;

namespace Ssna.MLNet.Tests.Readme;

/// <summary>README's table "Presets and options" says what the two presets hold.</summary>
[TestClass]
public sealed class ReadmeOptionsTests
{
    private const string Header = "| Option | Default | Paper | Why |";

    // How README says that an option is left to something else, which is null in code.
    private static readonly string[] s_open = ["none", "as is", "context's", "context's or 1", "0.001 or 0.0003"];

    private static readonly string s_readme = File.ReadAllText(Path.Combine(SharedFolder.Checkout, "README.md"));

    [TestMethod]
    public void Both_presets_hold_the_values_that_the_readme_lists()
    {
        var usual = new SsnaTrainer.Options();
        SsnaTrainer.Options paper = SsnaTrainer.Options.Paper();
        foreach (Row row in Rows())
        {
            Assert.AreEqual(row.Default, Text(Value(usual, row.Option)), $"{row.Option}, default");
            Assert.AreEqual(row.Paper, Text(Value(paper, row.Option)), $"{row.Option}, paper");
        }
    }

    // An option, or a setting of a kind behind a dot.
    private static object? Value(object options, string path)
    {
        object? value = options;
        foreach (string name in path.Split('.'))
        {
            FieldInfo? field = value!.GetType().GetField(name);
            Assert.IsNotNull(field, $"README lists an option '{path}', which there is not.");
            value = field.GetValue(value);
        }
        return value;
    }

    [TestMethod]
    public void Every_number_switch_and_choice_of_the_options_is_in_the_table_or_named_beside_it()
    {
        string section = s_readme[s_readme.IndexOf(Header, StringComparison.Ordinal)..];
        section = section[..section.IndexOf("\n## ", StringComparison.Ordinal)];
        string[] options =
        [
            .. Settings(typeof(SsnaTrainer.Options), ""),
            .. Settings(typeof(ItemAdaptation.Ssna), "Adaptation."),
            .. Settings(typeof(SequenceModel.SASRec), "SequenceModel."),
        ];
        Assert.IsGreaterThan(30, options.Length);
        foreach (string option in options)
        {
            StringAssert.Contains(section, $"`{option}`");
        }
    }

    private static IEnumerable<string> Settings(Type type, string prefix) =>
        type.GetFields(BindingFlags.Public | BindingFlags.Instance)
            .Where(field => field.FieldType.IsValueType)
            .Select(field => prefix + field.Name);

    private static List<Row> Rows()
    {
        string[] lines =
        [
            .. s_readme.Split('\n').SkipWhile(line => line != Header).Skip(2).TakeWhile(line => line.StartsWith('|')),
        ];
        var rows = new List<Row>();
        foreach (string line in lines)
        {
            string[] cells = [.. line.Split('|')[1..4].Select(cell => cell.Trim())];
            string[] names = cells[0].Split(", ");
            string[] defaults = Values(cells[1], names.Length);
            string[] papers = cells[2] == "same" ? defaults : Values(cells[2], names.Length);
            rows.AddRange(names.Select((name, i) => new Row(name.Trim('`'), defaults[i], papers[i])));
        }
        Assert.IsGreaterThan(20, rows.Count, "README's table of options is not where it was.");
        return rows;
    }

    // One value an option, or one for all of them.
    private static string[] Values(string cell, int count)
    {
        string[] values = [.. cell.Split(", ").Select(Text)];
        if (values.Length == 1)
        {
            return [.. Enumerable.Repeat(values[0], count)];
        }
        Assert.HasCount(count, values, cell);
        return values;
    }

    // As README writes a value, and as code has it, in the same words.
    private static string Text(string written) =>
        s_open.Contains(written) ? "none"
        : written.EndsWith(" GiB", StringComparison.Ordinal)
            ? Text(long.Parse(written[..^4], CultureInfo.InvariantCulture) << 30)
        : written.Trim('`').Replace(",", "", StringComparison.Ordinal);

    private static string Text(object? value) =>
        value switch
        {
            null => "none",
            bool on => on ? "on" : "off",
            ItemAdaptation or SequenceModel or TrainingLoss => value.GetType().Name,
            _ => Convert.ToString(value, CultureInfo.InvariantCulture)!,
        };

    private sealed record Row(string Option, string Default, string Paper);
}

using System.CommandLine;
using Microsoft.ML;
using Ssna.MLNet.Benchmarks.WholeRuns;

namespace Ssna.MLNet.Benchmarks.Serving;

/// <summary>The command of one benchmark of serving: which model and users, and where the figures go.</summary>
internal static class ServingCommand
{
    private const int SmallCatalogue = 4385; // as many items and users as the data set scientific has
    private const int SmallShop = 8442;

    public static Command Create(string name, string description, Action<MLContext, ServedModel, Results> run)
    {
        var zip = new Option<string?>("--zip") { Description = "A saved model; random weights without it." };
        var data = new Option<string?>("--data") { Description = "With --zip: the folder of its data set." };
        var items = new Option<int>("--items") { DefaultValueFactory = _ => SmallCatalogue };
        var users = new Option<int>("--users") { DefaultValueFactory = _ => SmallShop };
        var json = new Option<string?>("--json") { Description = "Where the figures are written." };
        var command = new Command(name, description) { zip, data, items, users, json };
        command.Validators.Add(arguments =>
        {
            if (arguments.GetValue(zip) is null != arguments.GetValue(data) is null)
            {
                arguments.AddError("Expected --zip and --data together, or neither.");
            }
        });
        command.SetAction(arguments =>
        {
            var mlContext = new MLContext(1);
            var results = new Results(name);
            using ServedModel model = arguments.GetValue(zip) is { } path
                ? ServedModel.Load(mlContext, path, arguments.GetValue(data)!)
                : ServedModel.Random(mlContext, arguments.GetValue(items), arguments.GetValue(users));
            results.Add("items", model.Items.Count, "");
            results.Add("users", model.Users.Length, "");
            run(mlContext, model, results);
            results.Write(arguments.GetValue(json));
        });
        return command;
    }
}

using System.CommandLine;
using QuickStart.Sample.Encoder;
using QuickStart.Sample.Shop;
using Tools;

var outOption = new Option<DirectoryInfo>("--out")
{
    Description = "The QuickStart folder to write to.",
    DefaultValueFactory = _ => new DirectoryInfo(Path.Combine("examples", "QuickStart")),
    Recursive = true,
};

var shop = new Command("shop", "Makes the sample shop's two tables again, byte for byte, in OUT/sample.");
shop.SetAction(result => SampleFiles.Write(Path.Combine(result.GetRequiredValue(outOption).FullName, "sample")));

var encoder = new Command(
    "encoder",
    "Pre-trains the tiny BERT on the shop's texts, for a minute or two, in OUT/encoder."
);
encoder.SetAction(
    (result, cancellation) =>
        Task.Run(
            () =>
                EncoderFiles.Write(
                    Path.Combine(result.GetRequiredValue(outOption).FullName, "encoder"),
                    Console.WriteLine,
                    cancellation
                ),
            cancellation
        )
);

var root = new RootCommand("Makes what examples/QuickStart carries.") { outOption, shop, encoder };
return await TerminationSignals.InvokeAsync(root, args);

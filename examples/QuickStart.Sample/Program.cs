using System.CommandLine;
using QuickStart.Sample.Shop;

var outOption = new Option<DirectoryInfo>("--out")
{
    Description = "The QuickStart folder to write to.",
    DefaultValueFactory = _ => new DirectoryInfo(Path.Combine("examples", "QuickStart")),
    Recursive = true,
};

var shop = new Command("shop", "Makes the sample shop's two tables again, byte for byte, in OUT/sample.");
shop.SetAction(result => SampleFiles.Write(Path.Combine(result.GetRequiredValue(outOption).FullName, "sample")));

var root = new RootCommand("Makes what examples/QuickStart carries.") { outOption, shop };
return await root.Parse(args).InvokeAsync();

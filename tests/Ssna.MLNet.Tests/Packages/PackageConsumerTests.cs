using Ssna.MLNet.Runtime;
using Ssna.MLNet.Testing;

namespace Ssna.MLNet.Tests.Packages;

/// <summary>The packages as an application outside this repository gets them: restored from a feed, with nothing beside them.</summary>
[TestClass]
public sealed class PackageConsumerTests
{
    // Trains and saves without a second argument, loads and asks the same with one.
    private const string Program = """
        using Microsoft.ML;
        using Microsoft.ML.Trainers.Recommender;

        var mlContext = new MLContext(seed: 1);
        string model = args[0];
        if (args.Length == 2)
        {
            var items = mlContext.Data.LoadFromEnumerable(
                Enumerable.Range(0, 12).Select(i => new Item { Id = $"I{i}", Text = $"bike pump number {i}" }));
            var sequences = mlContext.Data.LoadFromEnumerable(
                Enumerable.Range(0, 8).Select(user => new History
                {
                    Sequence = [.. Enumerable.Range(user, 5).Select(i => $"I{i % 12}")],
                }));
            var options = new SsnaTrainer.Options
            {
                Items = items,
                ItemColumnName = "Id",
                ItemPipeline = mlContext.Transforms.Text.ExtractEncoderLayers("Layers", "Text", args[1], layers: 2),
                MaximumEpochs = 1,
            };
            using SsnaTransformer trained = mlContext.Recommendation().Trainers.Ssna(options).Fit(sequences);
            trained.Save(model);
            Print(trained);
        }
        else
        {
            using SsnaTransformer loaded = SsnaTransformer.Load(mlContext, model);
            Print(loaded);
        }

        void Print(SsnaTransformer recommender)
        {
            foreach (var (item, score) in recommender.Recommend(["I1", "I2"], k: 3))
            {
                Console.WriteLine(FormattableString.Invariant($"recommended {item} {score:R}"));
            }
        }

        internal sealed class Item
        {
            public string Id { get; set; } = "";

            public string Text { get; set; } = "";
        }

        internal sealed class History
        {
            public string[] Sequence { get; set; } = [];
        }
        """;

    private static TemporaryFolder s_folder = null!;
    private static string s_version = "";

    /// <summary>A feed with both packages, and a cache of its own, so that no older build of the same version is found.</summary>
    [ClassInitialize]
    public static void Pack(TestContext context)
    {
        s_folder = new TemporaryFolder();
        string feed = Directory.CreateDirectory(Path.Combine(s_folder.Path, "feed")).FullName;
        Packing.Pack("Ssna.MLNet.Transforms", feed);
        string package = Packing.Pack("Ssna.MLNet", feed);
        s_version = Path.GetFileNameWithoutExtension(package)["Ssna.MLNet.".Length..];
        Write(
            "nuget.config",
            """<configuration><packageSources><add key="built" value="feed" /></packageSources></configuration>"""
        );
        // Hard links instead of copies of libtorch.
        Write(
            "Directory.Build.props",
            """
            <Project>
              <PropertyGroup>
                <CreateHardLinksForCopyLocalIfPossible>true</CreateHardLinksForCopyLocalIfPossible>
                <CreateHardLinksForCopyFilesToOutputDirectoryIfPossible>true</CreateHardLinksForCopyFilesToOutputDirectoryIfPossible>
                <NoWarn>$(NoWarn);NU1603</NoWarn>
              </PropertyGroup>
            </Project>
            """
        );
    }

    [ClassCleanup]
    public static void Delete() => s_folder.Dispose();

    [TestMethod]
    public void A_console_application_restores_trains_saves_and_loads_in_a_second_process()
    {
        Write("console/Program.cs", Program);
        Write(
            "console/console.csproj",
            $"""
            <Project Sdk="Microsoft.NET.Sdk">
              <PropertyGroup>
                <OutputType>Exe</OutputType>
                <TargetFramework>net10.0</TargetFramework>
                <RuntimeIdentifier>{Packing.RuntimeIdentifier}</RuntimeIdentifier>
                <SelfContained>false</SelfContained>
                <ImplicitUsings>enable</ImplicitUsings>
                <Nullable>enable</Nullable>
                <TreatWarningsAsErrors>true</TreatWarningsAsErrors>
              </PropertyGroup>
              <ItemGroup>
                <PackageReference Include="Ssna.MLNet" Version="{s_version}" />
                <PackageReference Include="{TorchPackages.Cpu}" Version="2.10.0" />
              </ItemGroup>
            </Project>
            """
        );
        string folder = Path.Combine(s_folder.Path, "console");
        DotNet("build", folder, "-o", Path.Combine(folder, "out"));
        TrainsAndLoads([Path.Combine(folder, "out", "console.dll")], "console.zip");
    }

    [TestMethod]
    public void An_application_in_one_file_does_the_same()
    {
        string directives = $"""
            #:package Ssna.MLNet@{s_version}
            #:package {TorchPackages.Cpu}@2.10.0
            #:property PublishAot=false

            """;
        string file = Write("one-file.cs", directives + Program);
        string output = Path.Combine(s_folder.Path, "one-file");
        DotNet("build", file, "-o", output);
        TrainsAndLoads([Path.Combine(output, "one-file.dll")], "one-file.zip");
    }

    private static void TrainsAndLoads(string[] application, string model)
    {
        string path = Path.Combine(s_folder.Path, model);
        string encoder = Path.Combine(SharedFolder.Checkout, "examples", "QuickStart", "encoder");
        string trained = DotNet([.. application, path, encoder]);
        string loaded = DotNet([.. application, path]);
        Assert.HasCount(3, Lines(trained), trained);
        CollectionAssert.AreEqual(Lines(trained), Lines(loaded));

        static string[] Lines(string output) =>
            [.. output.Split('\n').Where(line => line.StartsWith("recommended", StringComparison.Ordinal))];
    }

    private static string DotNet(params string[] arguments)
    {
        string shared =
            Environment.GetEnvironmentVariable("NUGET_PACKAGES")
            ?? Path.Combine(Environment.GetFolderPath(Environment.SpecialFolder.UserProfile), ".nuget", "packages");
        (int exitCode, string output, string errors) = Command.Run(
            "dotnet",
            arguments,
            new()
            {
                ["NUGET_PACKAGES"] = Path.Combine(s_folder.Path, "packages"),
                // What this repository has restored already is read from there, and not written to.
                ["RestoreFallbackFolders"] = Directory.Exists(shared) ? shared : "",
            }
        );
        Assert.AreEqual(0, exitCode, $"dotnet {string.Join(' ', arguments)}: {errors}\n{output}");
        return output;
    }

    private static string Write(string name, string content)
    {
        string path = Path.Combine(s_folder.Path, name);
        Directory.CreateDirectory(Path.GetDirectoryName(path)!);
        File.WriteAllText(path, content);
        return path;
    }
}

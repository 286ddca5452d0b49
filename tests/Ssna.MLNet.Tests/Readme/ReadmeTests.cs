using Microsoft.ML;
using Ssna.MLNet.Testing;

namespace Ssna.MLNet.Tests.Readme;

/// <summary>
/// README's C#, and that of the documents below, is the code of files ReadmeExamples*.cs, line by line; the compiler and tests run it,
/// that of documents about a package in the tests of the package.
/// </summary>
[TestClass]
public sealed class ReadmeTests
{
    [TestMethod]
    [DataRow("README.md")]
    [DataRow("docs/recipes.md")]
    [DataRow("docs/serving.md")]
    [DataRow("docs/vectors.md")]
    [DataRow("docs/scaling.md")]
    [DataRow("docs/onnx.md")]
    public void Every_csharp_block_of_the_documents_is_code_that_is_compiled_here(string document)
    {
        string[] compiled = Lines(
            Directory
                .EnumerateDirectories(Path.Combine(SharedFolder.Checkout, "tests"))
                .Select(project => Path.Combine(project, "Readme"))
                .Where(Directory.Exists)
                .SelectMany(folder => Directory.EnumerateFiles(folder, "ReadmeExamples*.cs"))
                .SelectMany(file => File.ReadAllLines(file))
        );
        List<string[]> blocks = CSharpBlocks(File.ReadAllLines(Path.Combine(SharedFolder.Checkout, document)));
        Assert.AreNotEqual(0, blocks.Count);
        foreach (string[] block in blocks)
        {
            // Directives stand at the top of a file, apart from the code that follows them in README.
            foreach (string directive in block.Where(IsUsing))
            {
                CollectionAssert.Contains(compiled, directive);
            }
            string[] code = [.. block.SkipWhile(IsUsing)];
            Assert.IsTrue(
                Enumerable.Range(0, compiled.Length).Any(at => compiled.AsSpan(at).StartsWith(code)),
                $"This block of {document} is not in ReadmeExamples*.cs:\n{string.Join('\n', code)}"
            );
        }
    }

    [TestMethod]
    public void The_readme_examples_run()
    {
        using TemporaryFolder folder = ReadmeData.Create();
        string before = Environment.CurrentDirectory;
        Environment.CurrentDirectory = folder.Path;
        try
        {
            ReadmeExamples.Run();
        }
        finally
        {
            Environment.CurrentDirectory = before;
        }
    }

    [TestMethod]
    public void The_recipes_run()
    {
        using TemporaryFolder folder = ReadmeData.Create();
        ReadmeData.AddCommaSeparated(folder);
        string before = Environment.CurrentDirectory;
        Environment.CurrentDirectory = folder.Path;
        try
        {
            List<string> log = RecipeExamples.Run(new MLContext(1));
            Assert.Contains(line => line.Contains("sequences of lengths from"), log);
            // A vector of title and genre is one text: as many texts as products.
            Assert.Contains(line => line.Contains("training sequences of lengths"), log);
        }
        finally
        {
            Environment.CurrentDirectory = before;
        }
    }

    private static bool IsUsing(string line) =>
        line.StartsWith("using ", StringComparison.Ordinal) && !line.Contains('=', StringComparison.Ordinal);

    private static string[] Lines(IEnumerable<string> lines) =>
        [.. lines.Select(line => line.Trim()).Where(line => line.Length > 0)];

    private static List<string[]> CSharpBlocks(string[] readme)
    {
        List<string[]> blocks = [];
        for (int i = 0; i < readme.Length; i++)
        {
            if (readme[i] == "```csharp")
            {
                string[] block = [.. readme.Skip(i + 1).TakeWhile(line => line != "```")];
                blocks.Add(Lines(block));
                i += block.Length;
            }
        }
        return blocks;
    }
}

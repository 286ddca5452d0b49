using Ssna.MLNet.Hub;
using Ssna.MLNet.Testing;

namespace Ssna.MLNet.Transforms.Tests.Hub;

/// <summary>The variables that Python's huggingface_hub reads mean the same here.</summary>
[TestClass]
public sealed class HubEnvironmentTests
{
    private static readonly string s_user = Environment.GetFolderPath(Environment.SpecialFolder.UserProfile);

    [TestMethod]
    public void The_cache_is_where_the_first_of_its_variables_says()
    {
        string home = Path.Combine(s_user, ".cache", "huggingface");
        Assert.AreEqual(Path.Combine(home, "hub"), Of().CacheFolder);
        Assert.AreEqual(Path.Combine("/x", "huggingface", "hub"), Of(("XDG_CACHE_HOME", "/x")).CacheFolder);
        Assert.AreEqual(Path.Combine("/h", "hub"), Of(("XDG_CACHE_HOME", "/x"), ("HF_HOME", "/h")).CacheFolder);
        Assert.AreEqual("/old", Of(("HF_HOME", "/h"), ("HUGGINGFACE_HUB_CACHE", "/old")).CacheFolder);
        Assert.AreEqual("/c", Of(("HUGGINGFACE_HUB_CACHE", "/old"), ("HF_HUB_CACHE", "/c")).CacheFolder);
        Assert.AreEqual($"{s_user}/models", Of(("HF_HUB_CACHE", "~/models")).CacheFolder);
        Assert.AreEqual("/disk/models", Of(("HF_HUB_CACHE", "$DISK/models"), ("DISK", "/disk")).CacheFolder);
        Assert.AreEqual("/disk/models", Of(("HF_HUB_CACHE", "${DISK}/models"), ("DISK", "/disk")).CacheFolder);
        Assert.AreEqual(Path.Combine(home, "hub"), Of(("HF_HUB_CACHE", "")).CacheFolder, "an empty one is none");
    }

    [TestMethod]
    public void The_token_is_the_variables_or_the_files_without_the_line_break()
    {
        using var folder = new TemporaryFolder();
        Assert.IsNull(Of(("HF_HOME", folder.Path)).Token);
        File.WriteAllText(folder["token"], "hf_file\n");
        Assert.AreEqual("hf_file", Of(("HF_HOME", folder.Path)).Token);
        Assert.AreEqual("hf_variable", Of(("HF_HOME", folder.Path), ("HF_TOKEN", " hf_variable\n")).Token);
        File.WriteAllText(folder["other"], "hf_other");
        Assert.AreEqual("hf_other", Of(("HF_HOME", folder.Path), ("HF_TOKEN_PATH", folder["other"])).Token);
        Assert.IsNull(Of(("HF_TOKEN", "hf_variable"), ("HF_HUB_DISABLE_IMPLICIT_TOKEN", "1")).Token);
        File.WriteAllText(folder["token"], "\n");
        Assert.IsNull(Of(("HF_HOME", folder.Path)).Token);
    }

    [TestMethod]
    [DataRow("1", true)]
    [DataRow("true", true)]
    [DataRow("Yes", true)]
    [DataRow("ON", true)]
    [DataRow("0", false)]
    [DataRow("", false)]
    [DataRow(null, false)]
    public void Switches_are_on_by_the_words_that_python_takes(string? value, bool on)
    {
        Assert.AreEqual(on, Of(("HF_HUB_OFFLINE", value)).Offline);
        Assert.AreEqual(on, Of(("TRANSFORMERS_OFFLINE", value)).Offline);
        Assert.AreEqual(on, !Of(("HF_HUB_DISABLE_SYMLINKS", value)).AllowsLinks);
    }

    [TestMethod]
    public void The_hub_is_where_the_variable_says()
    {
        Assert.AreEqual("https://huggingface.co", Of().Endpoint);
        Assert.AreEqual("https://mirror.example/hub", Of(("HF_ENDPOINT", "https://mirror.example/hub")).Endpoint);
    }

    private static HubEnvironment Of(params (string Name, string? Value)[] variables) =>
        new(name => variables.FirstOrDefault(variable => variable.Name == name).Value);
}

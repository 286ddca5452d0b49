using System.Text.RegularExpressions;
using Ssna.MLNet.Testing;

namespace Ssna.MLNet.Tests.Devices;

/// <summary>What is not computed on the device meta, such as saving and loading, is looked for in the sources.</summary>
[TestClass]
public sealed partial class CrossingsTests
{
    // What moves or reads a tensor. With a type alone, `to` stays where it is.
    [GeneratedRegex(@"\.cpu\(\)|\.cuda\(|\.to\([^)]*([dD]evice|CPU)|\btensor\([^;]*device:|\.item<")]
    private static partial Regex Crossing();

    private static readonly Dictionary<string, string> s_allowed = new()
    {
        ["Runtime/DeviceMemory.cs"] = "the place for it",
        ["Checkpoints/ITensorSource.cs"] = "of files, whose tensors are on the CPU",
        ["Model/ModelTensors.cs"] = "of files",
        ["Encoders/TextEncoder.cs"] = "weights, once",
        ["Encoders/TextEncoder.Forward.cs"] = "a batch's tokens, checked on the CPU",
        ["Encoders/Families/EncoderFamily.MPNet.cs"] = "distances of a batch",
    };

    [TestMethod]
    public void Tensors_go_between_host_and_device_by_DeviceMemory_alone()
    {
        string sources = Path.Combine(SharedFolder.Checkout, "src");
        foreach (string path in Directory.GetFiles(sources, "*.cs", SearchOption.AllDirectories))
        {
            string relative = Path.GetRelativePath(sources, path).Replace('\\', '/');
            if (relative.Contains("/obj/") || relative.Contains("/bin/"))
            {
                continue;
            }
            string name = relative[(relative.IndexOf('/') + 1)..];
            foreach (string line in File.ReadLines(path).Where(line => Crossing().IsMatch(line)))
            {
                bool read = line.Contains("DeviceMemory.Read(");
                Assert.IsTrue(read || s_allowed.ContainsKey(name), $"{name}: {line.Trim()}");
            }
        }
    }
}

using Ssna.MLNet.Runtime;
using TorchSharp;

namespace Ssna.MLNet.Transforms.Tests.Runtime;

[TestClass]
public sealed class TorchRuntimeTests
{
    [TestMethod]
    public void EnsureLoaded_makes_tensors_usable()
    {
        TorchRuntime.EnsureLoaded();
        using torch.Tensor ones = torch.ones(2, 3); // (2, 3)
        Assert.AreEqual(6f, ones.sum().item<float>());
    }
}

using Microsoft.ML.Transforms;
using TorchSharp;

namespace Ssna.MLNet.Runtime;

[TestClass]
public sealed class HardwareTests
{
    [TestMethod]
    [DataRow("9.0", ComputePrecision.BFloat16)] // H100
    [DataRow("8.6", ComputePrecision.BFloat16)] // Ampere
    [DataRow("7.5", ComputePrecision.Float16)] // Turing
    [DataRow("7.0", ComputePrecision.Float16)] // Volta
    [DataRow("6.1", ComputePrecision.Float32)] // Pascal, slower in float16 than in float32
    [DataRow(null, ComputePrecision.Float32)]
    public void A_card_computes_in_what_it_multiplies_fastest(string? capability, ComputePrecision expected) =>
        Assert.AreEqual(expected, CudaCapability.Fastest(capability is null ? null : Version.Parse(capability)));

    [TestMethod]
    public void A_card_that_is_not_there_has_no_capability() => Assert.IsNull(CudaCapability.Of(99));

    [TestMethod]
    public void What_was_meant_for_a_GPU_is_computed_in_float32_by_a_CPU_that_is_slow_in_it_or_cannot()
    {
        TorchRuntime.EnsureLoaded();
        Assert.AreEqual(ComputePrecision.Float32, On(ComputePrecision.Float16));
        Assert.AreEqual(ComputePrecision.Float32, On(ComputePrecision.Float32));
        Assert.AreEqual(ComputePrecision.Auto, On(ComputePrecision.Auto));
        Assert.AreEqual(
            Hardware.HasFastBFloat16 ? ComputePrecision.BFloat16 : ComputePrecision.Float32,
            On(ComputePrecision.BFloat16)
        );
        torch.Device gpu = torch.device("meta");
        Assert.AreEqual(ComputePrecision.Float16, Hardware.WithStandIn(null, ComputePrecision.Float16, gpu));
        Assert.AreEqual(ComputePrecision.BFloat16, Hardware.WithStandIn(null, ComputePrecision.BFloat16, gpu));

        static ComputePrecision On(ComputePrecision precision) => Hardware.WithStandIn(null, precision, torch.CPU);
    }
}

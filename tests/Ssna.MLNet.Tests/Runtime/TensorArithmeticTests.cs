using System.Reflection;
using Microsoft.ML;
using Microsoft.ML.Trainers.Recommender;
using Ssna.MLNet.Runtime;
using Ssna.MLNet.Testing;
using TorchSharp;

namespace Ssna.MLNet.Tests.Runtime;

[TestClass]
public sealed class TensorArithmeticTests
{
    [TestMethod]
    public void Numbers_beside_tensors_are_what_they_were_while_garbage_is_collected()
    {
        (int exitCode, string output, string errors) = FreshProcess.RunHost([], "numbers", "library", "2000");
        Assert.AreEqual(0, exitCode, errors);
        Assert.EndsWith("computed, 0 failed, 0 differ", output, errors);
    }

    [TestMethod]
    public void Numbers_beside_tensors_give_the_bits_of_TorchSharps_own_operators()
    {
        (int exitCode, string output, string errors) = FreshProcess.RunHost([], "same-numbers");
        Assert.AreEqual(0, exitCode, errors);
        Assert.AreEqual("same", output);
    }

    /// <summary>What the analyzer of banned symbols does not see (x += y, say), the compiled code shows.</summary>
    [TestMethod]
    public void No_compiled_code_but_the_one_place_calls_what_makes_a_scalar()
    {
        Assembly transforms = typeof(TensorArithmetic).Assembly;
        Assert.IsEmpty(References(typeof(SsnaTrainer).Assembly).Where(MakesScalar).Select(Name));
        // The one place itself uses no operator.
        Assert.IsEmpty(References(transforms).Where(call => IsOperator(call) && MakesScalar(call)).Select(Name));
        Assert.IsNotEmpty(References(transforms).Where(call => call.DeclaringType == typeof(torch.Tensor)));
    }

    private static bool MakesScalar(MethodBase call) =>
        call.DeclaringType == typeof(Scalar)
        || call.DeclaringType == typeof(ScalarExtensionMethods)
        || call.GetParameters().Any(parameter => parameter.ParameterType == typeof(Scalar))
        || (
            IsOperator(call)
            && (
                call.Name == "op_Addition"
                || call.GetParameters().Any(parameter => parameter.ParameterType != typeof(torch.Tensor))
            )
        );

    private static bool IsOperator(MethodBase call) =>
        call.DeclaringType == typeof(torch.Tensor)
        && call.Name is "op_Addition" or "op_Subtraction" or "op_Multiply" or "op_Division" or "op_Modulus";

    private static string Name(MethodBase call) => $"{call.DeclaringType}.{call}";

    // The members of other assemblies that an assembly's code names.
    private static IEnumerable<MethodBase> References(Assembly assembly)
    {
        const int MemberReferences = 0x0A000000;
        for (int token = MemberReferences + 1; ; token++)
        {
            MemberInfo? member;
            try
            {
                member = assembly.ManifestModule.ResolveMember(token);
            }
            catch (ArgumentOutOfRangeException)
            {
                yield break; // the table's end
            }
            catch (Exception error) when (error is ArgumentException or BadImageFormatException)
            {
                continue; // of a generic type's instance, which has no meaning outside of its method: none of TorchSharp's
            }
            if (member is MethodBase method)
            {
                yield return method;
            }
        }
    }
}

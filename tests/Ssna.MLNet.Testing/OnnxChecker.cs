using System.Diagnostics;
using Microsoft.VisualStudio.TestTools.UnitTesting;

namespace Ssna.MLNet.Testing;

/// <summary>The checker of the ONNX project, as Debian has it (python3-onnx): structure, operators, and the shapes that follow.</summary>
public static class OnnxChecker
{
    /// <summary>What the message of a test begins with that is skipped for want of it; .ci/run looks for it.</summary>
    public const string Missing = "python3-onnx is missing";

    private const string Program =
        "import sys, onnx\n"
        + "onnx.checker.check_model(sys.argv[1], full_check=True)\n"
        + "graph = onnx.shape_inference.infer_shapes(onnx.load(sys.argv[1]), strict_mode=True).graph\n"
        + "for out in graph.output:\n"
        + "    print(out.name, [d.dim_param or d.dim_value for d in out.type.tensor_type.shape.dim])\n";

    // The system's own first: the one in the path may be another, without the system's packages.
    private static readonly string[] s_interpreters = ["/usr/bin/python3", "python3"];

    private static readonly Lazy<string?> s_python = new(() =>
        Array.Find(s_interpreters, python => Run(python, "-c", "import onnx").ExitCode == 0)
    );

    /// <summary>Fails where the checker finds fault with a file; the calling test is skipped where there is no checker.</summary>
    /// <param name="path">The .onnx.</param>
    /// <returns>The outputs' names and shapes, a line each.</returns>
    public static string Check(string path)
    {
        if (s_python.Value is not { } python)
        {
            Assert.Inconclusive($"{Missing}: none of {string.Join(", ", s_interpreters)} has the module onnx.");
            return "";
        }
        (int exitCode, string output) = Run(python, "-c", Program, path);
        Assert.AreEqual(0, exitCode, output);
        return output.ReplaceLineEndings("\n").Trim();
    }

    private static (int ExitCode, string Output) Run(string python, params string[] arguments)
    {
        var start = new ProcessStartInfo(python, arguments)
        {
            RedirectStandardOutput = true,
            RedirectStandardError = true,
        };
        try
        {
            using Process process = Process.Start(start)!;
            Task<string> errors = process.StandardError.ReadToEndAsync();
            string output = process.StandardOutput.ReadToEnd();
            process.WaitForExit();
            return (process.ExitCode, output + errors.Result);
        }
        catch (System.ComponentModel.Win32Exception missing)
        {
            return (-1, missing.Message);
        }
    }
}

using System.Reflection;
using System.Runtime.InteropServices;
using Ssna.MLNet.Fuzz.Formats;
using Ssna.MLNet.Fuzz.Mutations;

namespace Ssna.MLNet.Fuzz;

/// <summary>What became of a damaged file.</summary>
internal enum Outcome
{
    /// <summary>Read, with the result of the sound file.</summary>
    Same,

    /// <summary>Refused by a documented exception that names the file, entry or column.</summary>
    Refused,

    /// <summary>Read, with another result: it is a sound file of its kind, of other content.</summary>
    OtherFile,

    /// <summary>Refused by any other exception, or without a name.</summary>
    Unclear,

    /// <summary>Read, with another result, although checksums should have told.</summary>
    Changed,

    /// <summary>The process ended.</summary>
    Crash,

    /// <summary>No end.</summary>
    Hang,

    /// <summary>More memory than such a file may take.</summary>
    Memory,
}

internal static class Outcomes
{
    public static bool IsUnwanted(this Outcome outcome) => outcome >= Outcome.Unclear;

    /// <summary>Reads changed files and says what became of them.</summary>
    public static (Outcome Outcome, string Message) Of(
        Format format,
        string folder,
        string file,
        Mutation mutation,
        string sound
    )
    {
        try
        {
            string result = format.Read(folder);
            return result == sound ? (Outcome.Same, "")
                : format.Sealed && !mutation.Forged ? (Outcome.Changed, result)
                : (Outcome.OtherFile, "");
        }
        catch (Exception error)
        {
            bool clear =
                format.IsDocumented(error)
                && !IsOfTheProgram(error)
                && format
                    .Named.Append(file)
                    .Append(folder)
                    .Any(name => error.Message.Contains(name, StringComparison.Ordinal));
            string where = clear ? "" : error.StackTrace?.Split('\n', 2)[0].Trim() ?? "";
            return (clear ? Outcome.Refused : Outcome.Unclear, $"{error.GetType().Name}: {error.Message} {where}");
        }
    }

    // Exceptions that tell of a program's fault, also where another one is wrapped around them with its message.
    private static bool IsOfTheProgram(Exception error)
    {
        for (Exception? cause = error; cause is not null; cause = cause.InnerException)
        {
            if (
                cause
                is NullReferenceException
                    or IndexOutOfRangeException
                    or KeyNotFoundException
                    or InvalidCastException
                    or ArithmeticException
                    or ExternalException
                    or OutOfMemoryException
                    or ArrayTypeMismatchException
                    or TypeLoadException
                    or MissingMethodException
                    or NotImplementedException
            )
            {
                return true;
            }
        }
        return false;
    }
}

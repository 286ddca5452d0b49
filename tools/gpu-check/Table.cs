namespace GpuCheck;

/// <summary>One table, written row by row: a line is there as soon as its check has ended.</summary>
/// <param name="output">Where to.</param>
internal sealed class Table(TextWriter output)
{
    public const string NoGpu = "no GPU";

    /// <summary>How many checks have failed.</summary>
    public int Failures { get; private set; }

    public void Begin()
    {
        output.WriteLine("| check | CPU | GPU | |");
        output.WriteLine("| --- | --- | --- | --- |");
    }

    /// <summary>Writes a check's row.</summary>
    /// <param name="check">What was checked.</param>
    /// <param name="cpu">What the CPU gave.</param>
    /// <param name="gpu">What the GPU gave.</param>
    /// <param name="good">Whether it is as it should be; null where that was not to be seen.</param>
    public void Add(string check, string cpu, string gpu, bool? good)
    {
        Failures += good == false ? 1 : 0;
        string verdict = good switch
        {
            true => "good",
            false => "BAD",
            null => "",
        };
        output.WriteLine($"| {check} | {cpu} | {gpu} | {verdict} |");
        output.Flush();
    }

    /// <summary>Runs a check; one that throws is a row too.</summary>
    public void Try(string check, Action run)
    {
        try
        {
            run();
        }
        catch (Exception error) when (error is not OutOfMemoryException)
        {
            Add(check, "", $"{error.GetType().Name}: {error.Message.Split('\n')[0].Replace('|', '/')}", good: false);
        }
    }
}

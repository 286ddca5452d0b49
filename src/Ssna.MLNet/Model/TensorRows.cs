using static TorchSharp.torch;

namespace Ssna.MLNet.Model;

/// <summary>Work on the rows of a matrix, shared among as many threads as the tensor library uses.</summary>
internal static class TensorRows
{
    /// <summary>Fewer numbers than this are read faster than a second thread starts.</summary>
    private const int SerialNumbers = 1 << 16;

    /// <summary>Calls <paramref name="work"/> with every row's number, in any order.</summary>
    /// <param name="rows">The number of rows.</param>
    /// <param name="width">The numbers of a row.</param>
    /// <param name="work">What is done to a row.</param>
    public static void ForEach(int rows, int width, Action<int> work)
    {
        int threads = (long)rows * width <= SerialNumbers ? 1 : get_num_threads();
        if (threads == 1)
        {
            for (int row = 0; row < rows; row++)
            {
                work(row);
            }
        }
        else
        {
            Parallel.For(0, rows, new ParallelOptions { MaxDegreeOfParallelism = threads }, work);
        }
    }
}

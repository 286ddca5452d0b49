namespace Ssna.MLNet.Training;

/// <summary>Newton's method for the few weights of a strictly convex likelihood.</summary>
internal static class NewtonMethod
{
    private const int MaximumSteps = 100;

    /// <summary>The weights of the least loss, from zeros.</summary>
    public static double[] Minimize(RepeatLikelihood likelihood)
    {
        double[] weights = new double[RepeatLikelihood.Count];
        double loss = likelihood.Loss(weights);
        for (int i = 0; i < MaximumSteps; i++)
        {
            likelihood.Derive(weights);
            double[] step = Solve(likelihood.Hessian, Array.ConvertAll(likelihood.Gradient, value => -value));
            double slope = likelihood.Gradient.Zip(step, (a, b) => a * b).Sum(); // negative
            if (-slope <= 1e-9 * Math.Max(1, loss))
            {
                break;
            }
            // Whole steps, but for the first ones, which may go too far.
            double size = 2;
            double[] tried;
            double found;
            do
            {
                size /= 2;
                tried = [.. weights.Zip(step, (weight, change) => weight + (size * change))];
                found = likelihood.Loss(tried);
            } while (!(found <= loss + (0.1 * size * slope)) && size > 1e-6);
            if (!(found < loss))
            {
                break; // as near as rounding lets it come
            }
            (weights, loss) = (tried, found);
        }
        return weights;
    }

    /// <summary>x of A x = b, by Cholesky's decomposition.</summary>
    /// <param name="matrix">A, symmetric and positive definite; read on and below the diagonal.</param>
    /// <param name="right">b.</param>
    public static double[] Solve(double[,] matrix, double[] right)
    {
        int count = right.Length;
        var lower = new double[count, count];
        for (int i = 0; i < count; i++)
        {
            for (int j = 0; j <= i; j++)
            {
                double rest = matrix[i, j];
                for (int k = 0; k < j; k++)
                {
                    rest -= lower[i, k] * lower[j, k];
                }
                lower[i, j] = i == j ? Math.Sqrt(rest) : rest / lower[j, j];
            }
        }
        double[] solution = [.. right];
        for (int i = 0; i < count; i++)
        {
            for (int k = 0; k < i; k++)
            {
                solution[i] -= lower[i, k] * solution[k];
            }
            solution[i] /= lower[i, i];
        }
        for (int i = count - 1; i >= 0; i--)
        {
            for (int k = i + 1; k < count; k++)
            {
                solution[i] -= lower[k, i] * solution[k];
            }
            solution[i] /= lower[i, i];
        }
        return solution;
    }
}

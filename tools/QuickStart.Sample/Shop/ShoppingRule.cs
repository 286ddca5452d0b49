namespace QuickStart.Sample.Shop;

/// <summary>
/// What a customer of the sample shop buys next, as a probability over the catalogue that depends on nothing but what the
/// customer bought before, in that order. The simulation draws from it, so that ranking by it is the best that any
/// recommender can do on the sample.
/// </summary>
/// <remarks>
/// A customer does one of four things:
/// carries on with a hobby that is under way (one step further, or two, with what fits the system of the things at home,
/// mostly from the maker chosen last; of the hobbies under way rather the one that was not bought for last);
/// buys a consumable again, mostly the large pack; takes up a new hobby, rather a related one; or buys anything at all.
/// Many articles fit every system, so the last purchase alone often does not tell what fits the next.
/// </remarks>
public sealed class ShoppingRule
{
    private const double CarryOn = 0.66;
    private const double Refill = 0.12;
    private const double TakeUp = 0.16;
    private const double Anything = 0.06;

    /// <summary>How a customer's hobbies share the next step: the one bought for last, the one before it, and so on.</summary>
    private static readonly double[] TurnWeights = [0.2, 0.7, 0.07, 0.03];

    private const double NextStep = 0.8;
    private const double SkipStep = 0.2;
    private const double SameBrand = 5;
    private const double FirstPackSmall = 4;
    private const double RefillLarge = 4;
    private const double RelatedHobby = 6;

    private readonly SampleShop _shop;
    private readonly int[][][] _byHobbyAndStep;

    /// <summary>Makes the rule for a catalogue.</summary>
    public ShoppingRule(SampleShop shop)
    {
        _shop = shop;
        _byHobbyAndStep =
        [
            .. Assortment.Hobbies.Select(
                (hobby, hobbyIndex) =>
                    hobby
                        .Steps.Select(
                            (_, step) =>
                                shop
                                    .Products.Where(product => product.Hobby == hobbyIndex && product.Step == step)
                                    .Select(product => product.Index)
                                    .ToArray()
                        )
                        .ToArray()
            ),
        ];
    }

    /// <summary>The probability of every article to be the next purchase.</summary>
    /// <param name="history">The indexes of the purchases so far, oldest first; may be empty.</param>
    /// <param name="probabilities">Takes the result: one number an article, with sum 1.</param>
    public void NextPurchase(ReadOnlySpan<int> history, Span<double> probabilities)
    {
        probabilities.Clear();
        Span<double> branch = new double[probabilities.Length];
        var underWay = HobbiesOf(history);

        AddCarryingOn(underWay, branch);
        Join(CarryOn, branch, probabilities);
        AddRefills(history, branch);
        Join(Refill, branch, probabilities);
        AddNewHobbies(underWay, branch);
        Join(TakeUp, branch, probabilities);
        foreach (var product in _shop.Products)
        {
            branch[product.Index] = product.Appeal;
        }

        Join(Anything, branch, probabilities);

        // A branch without a candidate leaves its share to the others.
        Scale(probabilities, 1 / Sum(probabilities));
    }

    /// <summary>Where a customer stands in a hobby.</summary>
    private readonly record struct Standing(int Hobby, int Step, int System, string Brand);

    /// <summary>The customer's hobbies, the one bought for last first.</summary>
    private List<Standing> HobbiesOf(ReadOnlySpan<int> history)
    {
        var standings = new List<Standing>();
        for (var position = history.Length - 1; position >= 0; position--)
        {
            var product = _shop.Products[history[position]];
            var known = standings.FindIndex(standing => standing.Hobby == product.Hobby);
            if (known < 0)
            {
                standings.Add(new Standing(product.Hobby, product.Step, product.System, product.Brand));
            }
            else
            {
                // A refill is no step back, and the system is that of the latest article which has one.
                var standing = standings[known];
                standings[known] = standing with
                {
                    Step = Math.Max(standing.Step, product.Step),
                    System = standing.System < 0 ? product.System : standing.System,
                };
            }
        }

        return standings;
    }

    private void AddCarryingOn(List<Standing> underWay, Span<double> weights)
    {
        var turn = 0;
        foreach (var standing in underWay)
        {
            var steps = _byHobbyAndStep[standing.Hobby];
            if (standing.Step + 1 >= steps.Length)
            {
                continue;
            }

            var share = TurnWeights[Math.Min(turn++, TurnWeights.Length - 1)];
            AddStep(steps[standing.Step + 1], standing, share * NextStep, weights);
            if (standing.Step + 2 < steps.Length)
            {
                AddStep(steps[standing.Step + 2], standing, share * SkipStep, weights);
            }
        }
    }

    private void AddStep(int[] candidates, Standing standing, double share, Span<double> weights)
    {
        var total = 0.0;
        foreach (var candidate in candidates)
        {
            total += Weight(_shop.Products[candidate]);
        }

        foreach (var candidate in candidates)
        {
            weights[candidate] += share * Weight(_shop.Products[candidate]) / total;
        }

        double Weight(Product product) =>
            product.System >= 0 && standing.System >= 0 && product.System != standing.System
                ? 0
                : product.Appeal
                    * (product.Brand == standing.Brand ? SameBrand : 1)
                    * (product.Pack == 0 ? FirstPackSmall : 1);
    }

    private void AddRefills(ReadOnlySpan<int> history, Span<double> weights)
    {
        // What was bought just now, or the time before, is not used up yet.
        for (var position = 0; position < history.Length - 2; position++)
        {
            var bought = _shop.Products[history[position]];
            if (bought.Pack < 0)
            {
                continue;
            }

            foreach (var candidate in _byHobbyAndStep[bought.Hobby][bought.Step])
            {
                var product = _shop.Products[candidate];
                if (product.System == bought.System && product.Brand == bought.Brand)
                {
                    weights[candidate] += product.Pack == 1 ? RefillLarge : 1;
                }
            }
        }
    }

    private void AddNewHobbies(List<Standing> underWay, Span<double> weights)
    {
        for (var hobby = 0; hobby < Assortment.Hobbies.Length; hobby++)
        {
            if (underWay.Exists(standing => standing.Hobby == hobby))
            {
                continue;
            }

            var name = Assortment.Hobbies[hobby].Name;
            var related = underWay.Exists(standing => Assortment.Hobbies[standing.Hobby].Related.Contains(name));
            var share = (related ? RelatedHobby : 1) / (3.0 + hobby);
            foreach (var candidate in _byHobbyAndStep[hobby][0])
            {
                weights[candidate] += share * _shop.Products[candidate].Appeal;
            }
        }
    }

    /// <summary>Adds a branch with its share to the whole and empties it.</summary>
    private static void Join(double share, Span<double> branch, Span<double> probabilities)
    {
        var sum = Sum(branch);
        if (sum > 0)
        {
            for (var index = 0; index < branch.Length; index++)
            {
                probabilities[index] += share * branch[index] / sum;
            }
        }

        branch.Clear();
    }

    private static double Sum(ReadOnlySpan<double> values)
    {
        // In order, one after another: a vectorised sum may differ in its last bit from machine to machine.
        var sum = 0.0;
        foreach (var value in values)
        {
            sum += value;
        }

        return sum;
    }

    private static void Scale(Span<double> values, double factor)
    {
        for (var index = 0; index < values.Length; index++)
        {
            values[index] *= factor;
        }
    }
}

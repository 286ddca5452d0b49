using ScottPlot;

namespace Charts;

/// <summary>How this repository's charts look, with a font that they carry: without any installed, labels would stay empty.</summary>
public static class ChartStyle
{
    /// <summary>The carried font, for labels that a chart adds itself.</summary>
    public const string FontName = "Charts";

    /// <summary>
    /// Colours that stay apart for colour-blind readers (Okabe and Ito), darker and lighter ones where there are more lines, and
    /// grey for whatever follows.
    /// </summary>
    public static IReadOnlyList<Color> Colors { get; } =
    [
        Color.FromHex("#0072B2"),
        Color.FromHex("#D55E00"),
        Color.FromHex("#009E73"),
        Color.FromHex("#CC79A7"),
        Color.FromHex("#E69F00"),
        Color.FromHex("#56B4E9"),
        Color.FromHex("#8C6D1F"),
        Color.FromHex("#5B4B8A"),
        Color.FromHex("#1C2833"),
        Color.FromHex("#9BC53D"),
        Color.FromHex("#B03A5B"),
        Color.FromHex("#777777"),
    ];

    static ChartStyle() =>
        Fonts.AddFontFile(FontName, Path.Combine(AppContext.BaseDirectory, "fonts", "DejaVuSansBasic.ttf"));

    /// <summary>Titles a plot and its axes, and takes away what says nothing.</summary>
    public static void Apply(Plot plot, string title, string xLabel, string yLabel)
    {
        plot.Title(title, size: 20);
        plot.XLabel(xLabel, size: 16);
        plot.YLabel(yLabel, size: 16);
        plot.Font.Set(FontName);
        foreach (var axis in plot.Axes.GetAxes())
        {
            axis.TickLabelStyle.FontSize = 14;
        }

        plot.Grid.MajorLineColor = ScottPlot.Colors.Black.WithOpacity(0.08);
        plot.Axes.Right.FrameLineStyle.Width = 0;
        plot.Axes.Right.MinimumSize = 24;
        plot.Axes.Top.FrameLineStyle.Width = 0;
    }
}

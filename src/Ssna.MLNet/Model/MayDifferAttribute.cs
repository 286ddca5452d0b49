namespace Ssna.MLNet.Model;

/// <summary>
/// Marks what a shape holds and two models of one architecture need not share: settings of training, and sizes of the catalogue.
/// </summary>
[AttributeUsage(AttributeTargets.Property)]
internal sealed class MayDifferAttribute : Attribute;

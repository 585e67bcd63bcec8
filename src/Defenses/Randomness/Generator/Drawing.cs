namespace Defenses.Randomness;

/// <summary>What the numbers of a tensor are: standard normal, uniform on [0, 1) or 1 with a probability, each times a scale.</summary>
internal readonly record struct Drawing(Drawing.Law Of, double Scale = 1, double Probability = 1)
{
    internal enum Law { Normal, Uniform, Bernoulli }
}

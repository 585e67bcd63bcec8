using System.Reflection;
using System.Text.RegularExpressions;
using TorchSharp;

namespace Defenses.Tests.Conventions;

/// <summary>The analyzer ignores an id that it cannot find, and a missing overload is no error either: these tests compare the list with torch's API.</summary>
public sealed partial class BannedSymbolsTests
{
    private static readonly HashSet<string> Banned = [.. Repository.Read("BannedSymbols.txt").Split('\n').Select(line => line.Split(';')[0].Trim())];

    [Fact]
    public void Each_method_of_torch_that_draws_is_banned() =>
        Unbanned(Library.Torch.GetExportedTypes().Where(type => !IsBanned(type) && !type.IsGenericType && type.Namespace == "TorchSharp")).Should().BeEmpty();

    [Fact]
    public void Each_ban_says_what_to_do_instead() =>
        Repository.Read("BannedSymbols.txt").Split('\n').Where(line => line.Length > 0 && !line.StartsWith("//", StringComparison.Ordinal))
            .Should().OnlyContain(line => Regex.IsMatch(line, @"^[TMPN]:[^;\s]+;.{10,}\.$"));

    [Fact]
    public void A_method_that_draws_and_is_not_banned_is_named() =>
        Unbanned([typeof(Drawing)]).Should().BeEquivalentTo(
            "M:Defenses.Tests.Conventions.BannedSymbolsTests.Drawing.fill(System.Nullable{System.Int64},System.Collections.Generic.List{System.Double[]}," +
            "TorchSharp.torch.Generator)",
            "M:Defenses.Tests.Conventions.BannedSymbolsTests.Drawing.randn_like``1(``0)");

    private static IEnumerable<string> Unbanned(IEnumerable<Type> types) =>
        types.SelectMany(type => type.GetMethods(BindingFlags.Public | BindingFlags.Static | BindingFlags.Instance | BindingFlags.DeclaredOnly))
            .Where(Draws).Select(DocumentationId.Of).Where(id => !Banned.Contains(id));

    // A type is banned with everything inside it.
    private static bool IsBanned(Type? type) => type is not null && (Banned.Contains(DocumentationId.Of(type)) || IsBanned(type.DeclaringType));

    private static bool Draws(MethodInfo method) =>
        !method.IsSpecialName
            && (DrawingName().IsMatch(method.Name) || method.GetParameters().Any(parameter => parameter.ParameterType == typeof(torch.Generator)));

    [GeneratedRegex("^(rand(n|int|perm|om)?(_.*)?|bernoulli_?|binomial|multinomial|normal_|uniform_|poisson|exponential_|geometric_|cauchy_|log_normal_"
        + "|rrelu_?|RReLU"
        + "|manual_seed.*|(initial_)?seed|[gs]et_rng_state|.*dropout.*|.*Dropout.*|fractional_max_pool.*|FractionalMaxPool.*"
        + "|(trunc_normal|kaiming_normal|kaiming_uniform|xavier_normal|xavier_uniform|sparse|orthogonal)_)$")]
    private static partial Regex DrawingName();

    private static class Drawing
    {
        public static void fill(long? count, List<double[]> into, torch.Generator? generator = null) => _ = (count, into, generator);

        public static T randn_like<T>(T like) => like;

        public static double normalize(double x) => x;
    }
}

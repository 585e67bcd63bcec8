using System.Text.Json;
using Defenses.Statistics;

namespace Defenses.Tests.Statistics;

public sealed class ProportionTests
{
    [Fact]
    public void Carries_the_rate_and_the_exact_interval()
    {
        var proportion = new Proportion(81, 263);
        proportion.Rate.Should().Be(81 / 263.0);
        proportion.Interval.Should().Be(BinomialInterval.ClopperPearson(81, 263));
        proportion.WithConfidence(0.5).Interval.Should().Be(BinomialInterval.ClopperPearson(81, 263, 0.5));
        proportion.ToString().Should().Be("30.8 % [25.3, 36.8]");
    }

    [Fact]
    public void The_complement_has_the_mirrored_interval()
    {
        var proportion = new Proportion(2.5, 40);
        var complement = proportion.Complement();
        (complement.Rate + proportion.Rate).Should().BeApproximately(1, 1e-12);
        complement.Lower.Should().BeApproximately(1 - proportion.Upper, 1e-9);
        complement.Upper.Should().BeApproximately(1 - proportion.Lower, 1e-9);
    }

    [Fact]
    public void Comes_back_from_json_equal()
    {
        var proportion = new Proportion(12.25, 64, 0.9);
        var text = JsonSerializer.Serialize(proportion, JsonSerializerOptions.Web);
        text.Should().Contain("\"lower\":").And.Contain("\"rate\":");
        JsonSerializer.Deserialize<Proportion>(text, JsonSerializerOptions.Web).Should().Be(proportion);
    }

    [Theory]
    [InlineData(0, 0, 0.95)]
    [InlineData(2, 1, 0.95)]
    [InlineData(-1, 1, 0.95)]
    [InlineData(1, 1, 2)]
    public void Bad_input_is_refused(double successes, long trials, double confidence)
    {
        var call = () => new Proportion(successes, trials, confidence);
        call.Should().Throw<ArgumentOutOfRangeException>();
    }
}

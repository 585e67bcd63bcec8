using TorchSharp.Lite.Tests.Lite.Api;

namespace TorchSharp.Lite.Tests.Lite;

public sealed class ApiSubsetTests
{
    private static readonly Lazy<Listing> TorchSharp = new(() =>
        new Listing(File.ReadLines(Path.Combine(AppContext.BaseDirectory, "Data", "api.txt"))));

    private static IEnumerable<Type> Types => typeof(torch).Assembly.GetTypes().Where(type => MemberText.Shows(type) && type.Name[0] != '<');

    [Fact]
    public void Every_public_type_is_one_of_TorchSharps()
    {
        Types.Select(type => TypeText.Of(type)).Where(name => !TorchSharp.Value.Has(name)).Should()
            .BeEmpty("Data/api.txt holds what TorchSharp has of the types declared here; the lines of a new type are copied there");
        Types.Where(type => TorchSharp.Value.Kind(TypeText.Of(type)) != MemberText.Kind(type)).Should().BeEmpty();
    }

    [Fact]
    public void Every_public_member_is_one_of_TorchSharps()
    {
        var members = Types.SelectMany(type => MemberText.Of(type).Select(member => (Type: TypeText.Of(type), Member: member))).ToList();
        members.Count.Should().BeGreaterThan(2000);
        members.Where(entry => !TorchSharp.Value.Has(entry.Type, entry.Member)).Should().BeEmpty();
    }

    [Fact]
    public void What_TorchSharp_lacks_is_noticed()
    {
        string[] own = ["method public Tensor shout()", "method public torch.Tensor exp(int times)", "property public double dim { get; }"];
        own.Where(member => TorchSharp.Value.Has("torch.Tensor", member)).Should().BeEmpty();
        TorchSharp.Value.Has("torch.Tensor", "method public torch.Tensor exp()").Should().BeTrue();
        TorchSharp.Value.Has("torch.Tensor", "method public torch.Tensor squeeze(long dim = default/null)").Should().BeFalse("'?' counts behind a number");
    }
}

// Subjects with and without tests of their contract, for the test of that check.
namespace Defenses.Tests.Conventions.Samples.Contracts;

internal sealed class ByArgument;

internal sealed class ByName;

internal sealed class WithoutContract;

internal sealed class WithAbstractTestsOnly;

internal sealed class WithoutTests;

internal abstract class SampleContract<T>;

internal abstract class SampleContract;

internal sealed class AnyNameWillDo : SampleContract<ByArgument>;

internal sealed class ByNameTests : SampleContract;

internal sealed class WithoutContractTests;

internal abstract class WithAbstractTestsOnlyTests : SampleContract<WithAbstractTestsOnly>;

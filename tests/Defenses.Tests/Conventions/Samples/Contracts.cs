// Subjects with and without tests of their contract, for the test of that check.
namespace Defenses.Tests.Conventions.Samples.Contracts;

public sealed class ByArgument;

public sealed class ByName;

public sealed class WithoutContract;

public sealed class WithAbstractTestsOnly;

public sealed class WithoutTests;

public abstract class SampleContract<T>;

public abstract class SampleContract;

public sealed class AnyNameWillDo : SampleContract<ByArgument>;

public sealed class ByNameTests : SampleContract;

public sealed class WithoutContractTests;

public abstract class WithAbstractTestsOnlyTests : SampleContract<WithAbstractTestsOnly>;

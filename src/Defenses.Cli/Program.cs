return await Defenses.Cli.EntryPoint.Run(args);

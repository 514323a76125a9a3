import InterlockModel
import Testing

struct SteeringVariableTests {
    @Test(arguments: [
        "PATH", "HOME", "NODE_OPTIONS", "NODE_PATH", "PYTHONPATH", "PYTHONSTARTUP", "PYTHONHOME",
        "PERL5OPT", "PERLLIB", "RUBYOPT", "BASH_ENV", "ENV", "JAVA_TOOL_OPTIONS", "_JAVA_OPTIONS",
        "JDK_JAVA_OPTIONS", "GCONV_PATH", "GIT_SSH_COMMAND", "LD_PRELOAD", "DYLD_INSERT_LIBRARIES",
        "npm_config_node_options", "LUA_INIT", "DOTNET_STARTUP_HOOKS",
    ])
    func `what chooses what is loaded or run`(_ name: String) {
        #expect(SteeringVariable.isOne(name))
    }

    @Test(arguments: [
        "PYTHONUNBUFFERED", "PYTHONIOENCODING", "PYTHONUTF8", "GITHUB_TOKEN", "GITLAB_TOKEN", "TZ",
        "NODE_ENV", "env", "API_KEY", "MY_PATH", "DATABASE_URL", "",
    ])
    func `what does not`(_ name: String) {
        #expect(!SteeringVariable.isOne(name))
    }
}

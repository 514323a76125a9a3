extension ProgramTable {
    /// Programs that act on running services and their data. Reading a service is arbitrary: it may be in an allow list.
    static let services: [(String, ProgramRule)] = [
        (
            "docker podman nerdctl buildah skopeo",
            .subcommands(
                ProgramSubcommands(
                    globals: CommandWrapper("Dl:", "debug"), bare: .read,
                    [
                        (
                            "ps images version info",
                            .options(
                                .read,
                                ProgramOptions(
                                    "aqlnsf:",
                                    "all quiet format filter no-trunc digests size latest last"))
                        ),
                        (
                            "logs inspect top stats port diff history events search",
                            .any(.arbitrary)
                        ),
                        (
                            "run exec build create start cp commit load import save export attach tag pull login logout buildx bake unshare",
                            .any(.arbitrary)
                        ),
                        ("rm rmi prune kill", .any(.delete)),
                        ("push copy sync", .any(.push)),
                        ("stop restart pause unpause rename update wait", .any(.production)),
                        ("stack service swarm node secret config", .any(.production)),
                        (
                            "compose container image volume network system builder manifest",
                            .subcommands(
                                ProgramSubcommands(
                                    bare: .read,
                                    [
                                        ("ps ls list logs config images top", .any(.arbitrary)),
                                        (
                                            "up build run exec create start pull inspect cp",
                                            .any(.arbitrary)
                                        ),
                                        ("down rm prune kill", .any(.delete)),
                                        ("push", .any(.push)),
                                        ("stop restart pause", .any(.production)),
                                    ]))
                        ),
                    ]))
        ),
        (
            "docker-compose podman-compose",
            .subcommands(
                ProgramSubcommands(
                    bare: .read,
                    [
                        (
                            "ps logs config images top up build run exec create start pull",
                            .any(.arbitrary)
                        ),
                        ("down rm kill", .any(.delete)), ("push", .any(.push)),
                        ("stop restart pause", .any(.production)),
                    ]))
        ),
        (
            "kubectl oc k3s microk8s",
            .subcommands(
                ProgramSubcommands(
                    bare: .read,
                    [
                        (
                            "get describe logs top explain api-resources api-versions version cluster-info diff wait",
                            .any(.arbitrary)
                        ),
                        (
                            "apply create replace rollout set run expose autoscale kustomize new-app start-build",
                            .any(.deploy)
                        ),
                        (
                            "delete scale edit patch exec drain cordon uncordon taint label annotate cp attach port-forward proxy debug auth certificate config adm login",
                            .any(.production)
                        ),
                    ]))
        ),
        (
            "helm helmfile",
            .subcommands(
                ProgramSubcommands(
                    bare: .read,
                    [
                        (
                            "list ls status get history show search template lint version diff",
                            .any(.arbitrary)
                        ),
                        ("install upgrade rollback apply sync", .any(.deploy)),
                        ("uninstall delete destroy", .any(.production)), ("push", .any(.push)),
                        ("repo dependency pull package plugin", .any(.arbitrary)),
                    ]))
        ),
        (
            "terraform tofu terragrunt pulumi cdk cdktf",
            .subcommands(
                ProgramSubcommands(
                    bare: .read,
                    [
                        (
                            "fmt validate version",
                            .options(
                                .write,
                                ProgramOptions(
                                    "", "check diff recursive list write json", isSingleDash: true))
                        ),
                        (
                            "plan show output graph providers init get preview synth diff ls list workspace",
                            .any(.arbitrary)
                        ),
                        ("apply up deploy refresh import", .any(.deploy)),
                        (
                            "destroy down state taint untaint force-unlock cancel rm",
                            .any(.production)
                        ),
                    ]))
        ),
        (
            "ansible-playbook ansible ansible-pull salt salt-ssh puppet chef-client knife cap kamal",
            .any(.deploy)
        ),
        (
            "vercel netlify fly flyctl firebase wrangler serverless sls sam eb amplify heroku railway render surge dokku convox nomad waypoint skaffold argocd flux eas expo shorebird ghpages gh-pages apprunner sst",
            .any(.deploy)
        ),
        (
            "aws gcloud az gsutil bq aliyun doctl hcloud linode-cli oci ibmcloud vault consul etcdctl stripe twilio supabase planetscale pscale turso neonctl",
            .any(.production)
        ),
        (
            "psql mysql mariadb mysqladmin mysqldump pg_dump pg_restore pg_dumpall createdb dropdb createuser dropuser mongo mongosh mongodump mongorestore redis-cli cqlsh clickhouse-client influx sqlcmd sqlplus isql bcp cockroach vitess flyway liquibase dbmate sqitch alembic prisma knex typeorm sequelize rails",
            .any(.production)
        ),
        (
            "systemctl service rc-service launchctl initctl supervisorctl pm2 shutdown reboot halt poweroff init telinit",
            .any(.production)
        ),
        (
            "iptables ip6tables nft ufw firewall-cmd ip ifconfig route sysctl modprobe insmod rmmod mount umount useradd userdel usermod groupadd passwd chpasswd visudo hostnamectl timedatectl swapoff swapon",
            .any(.production)
        ),
    ]
}

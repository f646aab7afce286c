"""Who may sign in."""

from __future__ import annotations

from aws_cdk import Duration, Fn, RemovalPolicy
from aws_cdk import aws_cognito as cognito
from constructs import Construct

from infra.constructs.nag import justify
from infra.settings import Settings


class Identity(Construct):
    """User pool in which only the API creates operators (ACC-01).

    `custom:company` and `custom:operator` are set at creation, never change, and the client can't write them: they
    decide what a token may see (ACC-05).
    """

    def __init__(self, scope: Construct, id: str, settings: Settings) -> None:
        super().__init__(scope, id)
        self.pool = cognito.UserPool(
            self,
            "Pool",
            user_pool_name=settings.prefix,
            self_sign_up_enabled=False,
            sign_in_aliases=cognito.SignInAliases(email=True),
            sign_in_case_sensitive=False,
            auto_verify=cognito.AutoVerifiedAttrs(email=True),
            account_recovery=cognito.AccountRecovery.EMAIL_ONLY,
            custom_attributes={
                "company": cognito.StringAttribute(min_len=1, max_len=64, mutable=False),
                "operator": cognito.StringAttribute(min_len=1, max_len=64, mutable=False),
            },
            password_policy=cognito.PasswordPolicy(
                min_length=12,
                require_digits=True,
                require_lowercase=True,
                require_uppercase=True,
                require_symbols=True,
                temp_password_validity=Duration.days(3),
            ),
            mfa=cognito.Mfa.OPTIONAL,
            mfa_second_factor=cognito.MfaSecondFactor(otp=True, sms=False),
            deletion_protection=True,
            removal_policy=RemovalPolicy.RETAIN,
        )
        readable = cognito.ClientAttributes().with_standard_attributes(email=True, fullname=True)
        self.client = self.pool.add_client(
            "Client",
            user_pool_client_name=settings.prefix,
            auth_flows=cognito.AuthFlow(user_password=True, user_srp=True),
            disable_o_auth=True,
            id_token_validity=Duration.minutes(settings.token_minutes),
            access_token_validity=Duration.minutes(settings.token_minutes),
            refresh_token_validity=Duration.hours(settings.session_hours),
            read_attributes=readable.with_custom_attributes("company", "operator"),
            write_attributes=cognito.ClientAttributes().with_standard_attributes(fullname=True),
            prevent_user_existence_errors=True,
            enable_token_revocation=True,
        )
        self.issuer = Fn.sub(
            "https://cognito-idp.${AWS::Region}.amazonaws.com/${Pool}", {"Pool": self.pool.user_pool_id}
        )
        justify(self.pool, "AwsSolutions-COG2", "A second factor is offered to each operator, not imposed.")
        justify(self.pool, "AwsSolutions-COG8", "The essentials plan has all that ACC-01 asks.")
        justify(self.pool, "AwsSolutions-COG3", "Threat protection is part of the plus plan, paid per user.")

"""The addresses of signing in. Their names are Django's own where it has one."""

from django.contrib.auth.decorators import login_not_required
from django.contrib.auth.views import LogoutView, PasswordResetDoneView
from django.urls import path

from intranet.accounts.views import account, passwords, sign_in

urlpatterns = [
    path("dang-nhap/", sign_in.SignInView.as_view(), name="login"),
    path(
        "dang-nhap/buoc-hai/", sign_in.SecondFactorView.as_view(), name="second_factor"
    ),
    path(
        "dang-nhap/cai-buoc-hai/",
        account.SetUpView.as_view(),
        name="set_up_second_factor",
    ),
    path("dang-nhap/cai-buoc-hai/ma.svg", account.qr_code, name="qr_code"),
    path("dang-xuat/", login_not_required(LogoutView.as_view()), name="logout"),
    path(
        "quen-mat-khau/",
        passwords.ForgottenPasswordView.as_view(),
        name="password_reset",
    ),
    path(
        "quen-mat-khau/da-gui/",
        PasswordResetDoneView.as_view(),
        name="password_reset_done",
    ),
    path(
        "quen-mat-khau/<uidb64>/<token>/",
        passwords.NewPasswordView.as_view(),
        name="password_reset_confirm",
    ),
    path("tai-khoan/", account.account, name="account"),
    path(
        "tai-khoan/mat-khau/",
        passwords.ChangePasswordView.as_view(),
        name="password_change",
    ),
    path("tai-khoan/thiet-bi/dang-xuat/", account.end_sessions, name="end_sessions"),
    path(
        "tai-khoan/buoc-hai/",
        account.ChangeSecondFactorView.as_view(),
        name="change_second_factor",
    ),
]
